#!/usr/bin/env python3
"""The lineage ledger: how fast batches are committed, and how quickly it answers with ten million attempts in it.

`python bench/lineage.py [--only upsert|queries] [--attempts 10000000] [--json] [--keep]`. It makes a PostgreSQL of its own below
`--folder`, which takes about a gigabyte for a million attempts, and removes it.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
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
TURNS = 5
FASTER = 15.0
LIMIT_MS = 5.0
ADD_ALL = "SQLAlchemy add_all"
Turn = tuple[Took, Took, Took]
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
        *_upserts(postgres, "one worker", workers=1, batches=8),
        *_upserts(postgres, "eight workers", workers=8, batches=2),
    ]


def _upserts(postgres: Postgres, name: str, *, workers: int, batches: int) -> list[Row]:
    """Several turns, ours and theirs alternating, so that a busy machine is busy for both; the turn with the median ratio counts."""
    turns: list[Turn] = []
    for _ in range(TURNS):
        first, again = run(postgres, DATABASE, CommitPath, workers=workers, batches=batches, rounds=2)
        (orm,) = run(postgres, DATABASE, OrmPath, workers=workers, batches=batches)
        turns.append((first, again, orm))
        rates = ", ".join(f"{what} {took.rows_a_second:.0f}" for what, took in zip(("new", "again", ADD_ALL), turns[-1], strict=True))
        _say(f"{name}, rows/s: {rates}")
    first, _, orm = _middle(turns, lambda turn: turn[0].rows_a_second / turn[2].rows_a_second)
    _, again, orm_again = _middle(turns, lambda turn: turn[1].rows_a_second / turn[2].rows_a_second)
    cheap, _, dear = _middle(turns, lambda turn: turn[0].client_cpu / turn[2].client_cpu)
    return [
        Row(f"new rows, {name}", first.rows_a_second, orm.rows_a_second, "rows/s", ADD_ALL, FASTER, "at least"),
        Row(f"the same rows again, {name}", again.rows_a_second, orm_again.rows_a_second, "rows/s", f"{ADD_ALL} once", FASTER, "at least"),
        Row(f"a million new rows, {name}", cheap.client_cpu_a_million, dear.client_cpu_a_million, "client CPU s", ADD_ALL, 1 / FASTER),
    ]


def _middle(turns: Sequence[Turn], ratio: Callable[[Turn], float]) -> Turn:
    return sorted(turns, key=ratio)[len(turns) // 2]


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


def _rows_of(each: Answered) -> Iterator[Row]:
    if each.unindexed is not None:
        yield Row(f"{each.name}, median", each.p50, each.unindexed, "ms", "without indexes", 1 / 50)
    yield Row(f"{each.name}, 95th percentile", each.p95, LIMIT_MS, "ms", "5 ms", 1.0)
    yield Row(f"{each.name}, mean", each.cpu, LIMIT_MS, "CPU ms of client and server", "5 ms", 1.0)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=measure.__doc__)
    parser.add_argument("--only", choices=("upsert", "queries"), help="measure one part alone")
    parser.add_argument("--attempts", type=int, default=10_000_000, help="how many attempts the questions are asked of")
    parser.add_argument("--folder", type=Path, default=Path("/var/tmp"), help="where the database is made")  # noqa: S108 - a folder in it
    report("lineage", measure, parser)
