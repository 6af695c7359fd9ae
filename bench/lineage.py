#!/usr/bin/env python3
"""The lineage ledger: how fast batches are committed, and how quickly it answers with ten million attempts in it.

`python bench/lineage.py [--only upsert|queries] [--attempts 10000000] [--json] [--keep]`. It makes a PostgreSQL of its own below
`--folder`, which takes about a gigabyte for a million attempts, and removes it.
"""

import argparse
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from lineage_fill import ATTEMPTS_A_BUILD, fill
from lineage_queries import Answered
from lineage_queries import measure as ask_all
from lineage_upsert import CommitPath, OrmPath, Took, run
from ratio_table import Row, report

from egoetl.lineage.migrate import upgrade
from egoetl.local.home import Home
from egoetl.local.postgres import Postgres

DATABASE = "bench"
REPEATS = 3
LIMIT_MS = 5.0
ADD_ALL = "SQLAlchemy add_all"
SETTINGS = {"shared_buffers": "1GB", "max_wal_size": "4GB"}


def measure(arguments: argparse.Namespace) -> list[Row]:
    """Commit the same batches in both ways, then ask every question of a full ledger."""
    with server(arguments.folder) as postgres:
        rows = upserts(postgres) if arguments.only in (None, "upsert") else []
        return rows + (questions(postgres, arguments.attempts) if arguments.only in (None, "queries") else [])


@contextmanager
def server(folder: Path) -> Iterator[Postgres]:
    """A PostgreSQL of its own, with the settings of a small server, that syncs to the disk as one does."""
    with tempfile.TemporaryDirectory(dir=folder, prefix="egoetl-bench-") as home:
        postgres = Postgres(Home.at(Path(home)), settings=SETTINGS)
        try:
            postgres.start()
            yield postgres
        finally:
            postgres.remove()


def upserts(postgres: Postgres) -> list[Row]:
    """One worker, and eight with a shard each."""
    return [
        *_upserts(postgres, "one worker", workers=1, batches=6, targets=(15.0, 1 / 15)),
        *_upserts(postgres, "eight workers", workers=8, batches=2, targets=(15.0, 1 / 15)),
    ]


def _upserts(postgres: Postgres, name: str, *, workers: int, batches: int, targets: tuple[float, float]) -> list[Row]:
    """The median of several turns, ours and theirs alternating, so that a busy machine is busy for both."""
    first: list[Took] = []
    again: list[Took] = []
    theirs: list[Took] = []
    for _ in range(REPEATS):
        for took, kept in zip(run(postgres, DATABASE, CommitPath, workers=workers, batches=batches, rounds=2), (first, again), strict=True):
            kept.append(took)
        theirs += run(postgres, DATABASE, OrmPath, workers=workers, batches=batches)
        ours, repeated, orm = (round(each[-1].rows_a_second) for each in (first, again, theirs))
        _say(f"{name}: {ours} and again {repeated} rows/s, {ADD_ALL} {orm} rows/s")

    def rate(of: Sequence[Took]) -> float:
        return statistics.median(each.rows_a_second for each in of)

    def cpu(of: Sequence[Took]) -> float:
        return statistics.median(each.client_cpu / each.rows * 1e6 for each in of)

    faster, cheaper = targets
    return [
        Row(f"new rows, {name}", rate(first), rate(theirs), "rows/s", ADD_ALL, faster, "at least"),
        Row(f"the same rows again, {name}", rate(again), rate(theirs), "rows/s", f"{ADD_ALL} of new rows", faster, "at least"),
        Row(f"a million new rows, {name}", cpu(first), cpu(theirs), "client CPU s", ADD_ALL, cheaper),
    ]


def questions(postgres: Postgres, attempts: int) -> list[Row]:
    """Every question against its unindexed form, and against the limit at its 95th percentile."""
    builds = max(8, round(attempts / ATTEMPTS_A_BUILD))
    postgres.create_database(DATABASE)
    upgrade(postgres.url(DATABASE))
    _say(f"{builds} builds: " + ", ".join(f"{step} {seconds:.0f} s" for step, seconds in fill(postgres.url(DATABASE), builds).items()))
    rows: list[Row] = []
    for each in ask_all(postgres.url(DATABASE)):
        _say(f"{each.name}: median {each.p50:.2f} ms, p95 {each.p95:.2f} ms, unindexed {each.unindexed or 0:.0f} ms")
        rows += _rows_of(each)
    return rows


def _rows_of(each: Answered) -> list[Row]:
    late = Row(f"{each.name}, 95th percentile", each.p95, LIMIT_MS, "ms", "5 ms", 1.0)
    return (
        [late] if each.unindexed is None else [Row(f"{each.name}, median", each.p50, each.unindexed, "ms", "without indexes", 1 / 50), late]
    )


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=measure.__doc__)
    parser.add_argument("--only", choices=("upsert", "queries"), help="measure one part alone")
    parser.add_argument("--attempts", type=int, default=10_000_000, help="how many attempts the questions are asked of")
    parser.add_argument("--folder", type=Path, default=Path("/var/tmp"), help="where the database is made")  # noqa: S108 - a folder in it
    report("lineage", measure, parser)
