"""Part (a) of the lineage benchmark: batches of outcomes through `Ledger.commit`, and the same rows through SQLAlchemy's ORM.

Both begin with the same outcomes and end with the same rows, committed a batch at a time, in a fresh migrated database:
results, edges, attempts, units, and the counts that a trigger keeps. A worker is a process with one shard.
"""

import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from multiprocessing import get_context
from typing import Any

from ratio_table import client_cpu_seconds
from sqlalchemy import select
from sqlalchemy.orm import Session, registry

from egoetl.core.content_key import StageConfig, content_key, sha256_of
from egoetl.core.ids import segment_id
from egoetl.core.ledger import BuildSpec, Lease, Outcome, Part, Usage
from egoetl.lineage.migrate import upgrade
from egoetl.lineage.open import open_ledger
from egoetl.lineage.postgres_ledger import PostgresLedger
from egoetl.lineage.tables.attempts import attempt, worker
from egoetl.lineage.tables.builds import build_unit
from egoetl.lineage.tables.results import edge, result, stage_config
from egoetl.local.postgres import Postgres

BATCH = 2000
"""Outcomes in a commit: the runner's largest batch."""
STAGE = "av_narration"
CONFIG = StageConfig(
    stage=STAGE, version=1, params={}, prompts={}, schemas={}, models={"text": "measured@1"}, sampling={}, seed=7, decoder=None
)
CONFIG_SHA = sha256_of(CONFIG)
ROWS_AN_OUTCOME = 5
"""One result, its two edges, one attempt, one unit."""
SPEC = BuildSpec(
    name="bench", recipe="egoavu", dataset="bench", engine="measured", recipe_settings={}, manifest="manifest.csv", videos="videos",
    stages=("register", STAGE, "publish", "gate"),
)  # fmt: skip


@dataclass(frozen=True)
class Took:
    """Wall seconds of all workers together, the workers' CPU seconds, and how many rows were kept."""

    rows: int
    wall: float
    client_cpu: float

    @property
    def rows_a_second(self) -> float:
        """By the clock on the wall."""
        return self.rows / self.wall

    @property
    def client_cpu_a_million(self) -> float:
        """CPU seconds of the workers for a million rows."""
        return self.client_cpu / self.rows * 1e6


def outcomes(shard: int, batch: int, size: int = BATCH) -> list[Outcome]:
    """A batch of finished segments, each made from two earlier results."""
    made: list[Outcome] = []
    for index in range(batch * size, (batch + 1) * size):
        clip = f"{sha256_of(str(index // 36))[:16]}_{shard * 360_000}_{(shard + 1) * 360_000}"
        start = index % 36 * 10_000
        unit = segment_id(clip, start, start + 10_000)
        inputs = (sha256_of("caption" + unit), sha256_of("mcg" + unit))
        made.append(
            Outcome(
                kind="segment", unit_id=unit, clip_id=clip, state="done", computed=True, key=content_key(CONFIG_SHA, inputs),
                config_sha=CONFIG_SHA, inputs=inputs, model="measured@1", seconds=0.25,
                usage=Usage(requests=1, prompt_tokens=800, completion_tokens=90),
            )
        )  # fmt: skip
    return made


def part_of(shard: int, batch: int, made: list[Outcome]) -> Part:
    """The part file that holds a batch's records."""
    name = sha256_of([shard, batch])
    return Part(sha256=name, path=f"{STAGE}/{name[:2]}/{name}.jsonl.zst", size_bytes=400_000, keys=tuple(each.key or "" for each in made))


class CommitPath:
    """The runner's way: one `Ledger.commit` a batch, under the shard's lease."""

    def __init__(self, url: str, shard: int) -> None:
        self.ledger: PostgresLedger = open_ledger(url, patience_seconds=30)
        seq = self.ledger.create_build(SPEC, [], []).seq
        self.lease: Lease = self.ledger.acquire(seq, STAGE, shard, seconds=600)
        self.shard = shard

    def keep(self, batch: int, made: list[Outcome]) -> None:
        self.ledger.commit(self.lease, made, part_of(self.shard, batch, made), {CONFIG_SHA: CONFIG})

    def close(self) -> None:
        self.ledger.release(self.lease)
        self.ledger.close()


class OrmPath:
    """The usual way: objects of mapped classes, `Session.add_all`, one commit a batch."""

    def __init__(self, url: str, shard: int) -> None:
        self.ledger = open_ledger(url, patience_seconds=30)
        self.seq = self.ledger.create_build(SPEC, [], []).seq
        self.ledger.register_configs({CONFIG_SHA: CONFIG}, {})
        lease = self.ledger.acquire(self.seq, STAGE, shard, seconds=600)  # registers the worker
        self.ledger.release(lease)
        with self.ledger.database.engine.connect() as connection:
            self.config_id = connection.execute(select(stage_config.c.id)).scalar_one()
            self.worker_id = connection.execute(select(worker.c.id).order_by(worker.c.id.desc()).limit(1)).scalar_one()
        self.shard = shard

    def keep(self, batch: int, made: list[Outcome]) -> None:
        del batch
        Result, Edge, Attempt, Unit = mapped()  # noqa: N806 - classes
        objects: list[Any] = []
        now = datetime.now(UTC)
        for row, each in enumerate(made):
            usage = each.usage
            objects.append(
                Result(
                    key=each.key, build_seq=self.seq, config_id=self.config_id, part_id=1, part_row=row, seconds=each.seconds, status="ok",
                    unit_id=each.unit_id,
                )
            )  # fmt: skip
            objects.extend(Edge(child=each.key, parent=parent) for parent in each.inputs)
            objects.append(
                Attempt(
                    build_seq=self.seq, stage=STAGE, shard=self.shard, unit_id=each.unit_id, number=1, ended_at=now,
                    worker_id=self.worker_id, seconds=each.seconds, unit_kind=each.kind, state=each.state, requests=usage.requests,
                    prompt_tokens=usage.prompt_tokens, completion_tokens=usage.completion_tokens, model=each.model,
                )
            )  # fmt: skip
            objects.append(
                Unit(
                    build_seq=self.seq, stage=STAGE, shard=self.shard, unit_id=each.unit_id, attempts=1, unit_kind=each.kind,
                    state=each.state, computed=True, key=each.key, clip_id=each.clip_id,
                )
            )  # fmt: skip
        with Session(self.ledger.database.engine) as session, session.begin():
            session.add_all(objects)

    def close(self) -> None:
        self.ledger.close()


@cache
def mapped() -> tuple[type[Any], ...]:
    """A mapped class for each of the ledger's own tables."""
    mapper = registry()
    keys = {attempt: ("build_seq", "stage", "shard", "unit_id", "number"), edge: ("child", "parent")}  # the ORM insists on one
    classes = tuple(type(name, (), {}) for name in ("Result", "Edge", "Attempt", "Unit"))
    for made, table in zip(classes, (result, edge, attempt, build_unit), strict=True):
        natural = {"primary_key": [table.c[name] for name in keys[table]]} if table in keys else {}
        mapper.map_imperatively(made, table, **natural)
    return classes


def run(server: Postgres, database: str, path: Callable[[str, int], Any], *, workers: int, batches: int, rounds: int = 1) -> list[Took]:
    """Each worker keeps its batches in a fresh database; every round repeats the same ones. Workers begin a round together."""
    server.drop_database(database)
    server.create_database(database)
    upgrade(server.url(database))
    context = get_context("spawn")
    with context.Manager() as manager, ProcessPoolExecutor(workers, mp_context=context) as pool:
        begin = manager.Barrier(workers)
        tasks = [pool.submit(_work, server.url(database), path, shard, batches, rounds, begin) for shard in range(workers)]
        made = [task.result() for task in tasks]
    server.drop_database(database)
    return [_together([each[number] for each in made], workers * batches) for number in range(rounds)]


def _together(times: list[tuple[float, float, float]], batches: int) -> Took:
    wall = max(end for _, end, _ in times) - min(start for start, _, _ in times)
    return Took(batches * BATCH * ROWS_AN_OUTCOME, wall, sum(cpu for _, _, cpu in times))


def _work(url: str, make: Callable[[str, int], Any], shard: int, batches: int, rounds: int, begin: Any) -> list[tuple[float, float, float]]:
    """What a worker's process does; returns when each round began and ended, and its CPU seconds."""
    ready = [outcomes(shard, batch) for batch in range(batches)]
    path = make(url, shard)
    path.keep(batches, outcomes(shard, batches))  # what only the first commit of a process costs is not what is asked
    times: list[tuple[float, float, float]] = []
    for _ in range(rounds):
        begin.wait()
        cpu, start = client_cpu_seconds(), time.monotonic()
        for batch, made in enumerate(ready):
            path.keep(batch, made)
        times.append((start, time.monotonic(), client_cpu_seconds() - cpu))
    path.close()
    return times
