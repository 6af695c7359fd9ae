"""Part (b) of the lineage benchmark: every view, ready query and report on many builds, and each without its indexes.

Without its indexes means: the same question in a session where index scans of every kind and the pruning of partitions are off;
where it reads a summary, the same question of the tables that the summary sums up. Asked of a hundred builds, units, pairs and
videos, the second time around: what nobody has looked at for long costs the disk's reads on top. A question that takes longer
than `PATIENCE_SECONDS` unindexed counts as that long. CPU milliseconds of client and server together are what a question takes on
a quiet machine, because they take turns.
"""

import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import psutil
import psycopg2.errors
from ratio_table import client_cpu_seconds
from sqlalchemy import event, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from egoetl.core.errors import TryAgainError
from egoetl.lineage.database import Database
from egoetl.lineage.limits import Limits
from egoetl.lineage.reports import Reports
from egoetl.lineage.schema import sql_root

ASKED = 100
PATIENCE_SECONDS = 30
_UNINDEXED = ("enable_indexscan", "enable_indexonlyscan", "enable_bitmapscan", "enable_partition_pruning")
_UNITS = "SELECT stage, state, count(*), count(*) FILTER (WHERE computed) FROM build_unit WHERE build_seq = :build GROUP BY stage, state"
_USAGE = """
    SELECT stage, model, count(*), sum(requests), sum(prompt_tokens), sum(completion_tokens), sum(seconds) FROM attempt
    WHERE build_seq = :build GROUP BY stage, model
"""
_PAIRS = """
    SELECT task, count(*) FROM build_unit JOIN qa_pair ON qa_id = unit_id
    WHERE build_seq = :build AND stage = 'verify' AND state = 'done' GROUP BY task
"""
_BUILDS = "SELECT build_seq, count(*), count(*) FILTER (WHERE state = 'failed') FROM build_unit GROUP BY build_seq"
_VIEWS = {
    "view build_progress": ("SELECT * FROM build_progress WHERE build_seq = :build ORDER BY position", _UNITS),
    "view unit_reasons": ("SELECT * FROM unit_reasons WHERE build_seq = :build", None),
    "view attempt_history": ("SELECT * FROM attempt_history WHERE build_seq = :build AND unit_id = :unit", None),
    "view failed_items": ("SELECT * FROM failed_items WHERE build_seq = :build ORDER BY stage, shard, unit_id LIMIT 50", None),
    "view build_pairs": ("SELECT * FROM build_pairs WHERE build_seq = :build ORDER BY qa_id LIMIT 50", None),
    "view video_sightings": ("SELECT * FROM video_sightings WHERE video_id = :video", None),
    "view qa_lineage": ("SELECT * FROM qa_lineage WHERE qa_id = :pair", None),
    "view model_usage": ("SELECT * FROM model_usage WHERE build_seq = :build", _USAGE),
    "view version_pairs, by pair": ("SELECT * FROM version_pairs WHERE qa_id = :pair", None),
    "view version_pairs, a page": (
        "SELECT * FROM version_pairs WHERE dataset = 'egoavu' AND number = :newest AND qa_id > :pair ORDER BY qa_id LIMIT 50", None,
    ),
    "function hops": ("SELECT * FROM hops(ARRAY[(SELECT result FROM qa_pair WHERE qa_id = :pair)])", None),
}  # fmt: skip
_SUMMED = {"funnel": _UNITS, "slowest_stages": _USAGE, "pairs_by_task_and_split": _PAIRS}
_REPORTS: dict[str, tuple[Callable[[Reports, "Drawn"], object], str | None]] = {
    "Reports.list_builds": (lambda reports, _: reports.list_builds(), _BUILDS),
    "Reports.funnel": (lambda reports, drawn: reports.funnel(drawn.build), _UNITS),
    "Reports.yield_counts": (lambda reports, drawn: reports.yield_counts(drawn.build), _UNITS),
    "Reports.qa_counts": (lambda reports, drawn: reports.qa_counts(drawn.build), _PAIRS),
    "Reports.reasons": (lambda reports, drawn: reports.reasons(drawn.build), None),
    "Reports.failures": (lambda reports, drawn: reports.failures(drawn.build), None),
    "Reports.place_of": (lambda reports, drawn: reports.place_of(drawn.unit), None),
    "Reports.trace_qa": (lambda reports, drawn: reports.trace_qa(drawn.pair), None),
    "Reports.trace_segment": (lambda reports, drawn: reports.trace_segment(drawn.unit), None),
    "Reports.trace_video": (lambda reports, drawn: reports.trace_video(drawn.video), None),
    "Reports.impact of a video": (lambda reports, drawn: reports.impact("video", drawn.video, limit=100), None),
}
_SMALL: dict[str, Callable[[Reports, "Drawn"], object]] = {
    "Reports.version_of": lambda reports, drawn: reports.version_of(drawn.build),
    "Reports.versions": lambda reports, _: reports.versions("egoavu"),
    "Reports.latest_published": lambda reports, _: reports.latest_published("egoavu"),
    "Reports.left_out": lambda reports, drawn: reports.left_out("egoavu", drawn.build),
    "Reports.workers": lambda reports, drawn: reports.workers(drawn.build),
}
"""These read tables with a row a build or a worker, which have no unindexed form worth the name."""


@dataclass(frozen=True)
class Drawn:
    """A build, and a unit, a pair and a video of it."""

    build: int
    unit: str
    pair: str
    video: str
    newest: int


@dataclass(frozen=True)
class Answered:
    """Milliseconds of a question, and CPU milliseconds of client and server for one; `unindexed` is None where there is no such form."""

    name: str
    p50: float
    p95: float
    cpu: float
    unindexed: float | None


Ask = Callable[[Database, Drawn], object]


def measure(url: str, *, only: str = "", unindexed: bool = True) -> Iterator[Answered]:
    """Ask every question whose name holds `only`, warm, one after the other."""
    database, slow = _session(url, ()), _session(url, _UNINDEXED)
    drawn = database.transaction(lambda connection: _draw(connection, ASKED))
    for name, ask, plain in _questions():
        if only in name:
            yield _answer(name, ask, plain, database, slow if unindexed else None, drawn)
    for name, report in _SMALL.items():
        if only in name:
            yield _answer(name, _of_reports(report), None, database, None, drawn)
    database.close()
    slow.close()


def _questions() -> Iterator[tuple[str, Ask, Ask | None]]:
    for name, (statement, summed) in _VIEWS.items():
        yield name, _of_sql(statement), summed and _of_sql(summed)
    for file in sorted((sql_root() / "queries").glob("*.sql")):
        summed = _SUMMED.get(file.stem)
        yield f"query {file.stem}", _of_file(file.read_text(encoding="utf-8")), summed and _of_sql(summed)
    for name, (report, summed) in _REPORTS.items():
        yield name, _of_reports(report), summed and _of_sql(summed)


def _of_sql(statement: str) -> Ask:
    return lambda database, drawn: database.transaction(lambda connection: connection.execute(text(statement), vars(drawn)).all())


def _of_file(statement: str) -> Ask:
    options = {"no_parameters": True}
    return lambda database, _: database.transaction(lambda at: at.exec_driver_sql(statement, execution_options=options).all())


def _of_reports(report: Callable[[Reports, Drawn], object]) -> Ask:
    return lambda database, drawn: report(Reports(database), drawn)


def _answer(name: str, ask: Ask, plain: Ask | None, database: Database, slow: Database | None, drawn: Sequence[Drawn]) -> Answered:
    for each in drawn:
        ask(database, each)
    cpu, took = _cpu_seconds(database), [_milliseconds(lambda each=each: ask(database, each)) for each in drawn]
    cpu = _cpu_seconds(database) - cpu
    unindexed = None if slow is None else _milliseconds(lambda: (plain or ask)(slow, drawn[0]))
    return Answered(name, statistics.median(took), statistics.quantiles(took, n=20)[-1], cpu / len(drawn) * 1000, unindexed)


def _cpu_seconds(database: Database) -> float:
    """Of this process and of the server's process behind the one connection that is in use."""
    times = psutil.Process(database.transaction(lambda at: at.execute(text("SELECT pg_backend_pid()")).scalar_one())).cpu_times()
    return client_cpu_seconds() + times.user + times.system


def _milliseconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    try:
        work()
    except TryAgainError as error:
        if not (isinstance(error.__cause__, DBAPIError) and isinstance(error.__cause__.orig, psycopg2.errors.QueryCanceled)):
            raise
        return PATIENCE_SECONDS * 1000
    return (time.perf_counter() - started) * 1000


def _session(url: str, off: Sequence[str]) -> Database:
    """A database whose sessions have these ways of the planner switched off, and an end to patience."""
    database = Database(url, patience_seconds=0, limits=Limits(statement_seconds=PATIENCE_SECONDS))

    @event.listens_for(database.engine, "connect")
    def _set(connection: Any, _: object) -> None:
        with connection.cursor() as cursor:
            for name in off:
                cursor.execute(f"SET {name} = off")
        connection.commit()

    return database


def _draw(connection: Connection, count: int) -> list[Drawn]:
    """Others each time, the same in every run."""
    chance = random.Random(7)  # noqa: S311 - draws questions, keeps no secret
    newest = connection.execute(text("SELECT max(seq) FROM build")).scalar_one()
    drawn: list[Drawn] = []
    for _ in range(count):
        build = chance.randint(1, newest)
        clips = connection.execute(text("SELECT clip_id, video_id FROM build_row WHERE build_seq = :build"), {"build": build}).all()
        clip_id, video = chance.choice(clips)
        unit = connection.execute(text("SELECT segment_id FROM segment WHERE clip_id = :clip ORDER BY random() LIMIT 1"), {"clip": clip_id})
        pair = connection.execute(text("SELECT qa_id FROM qa_pair WHERE clip_id = :clip ORDER BY random() LIMIT 1"), {"clip": clip_id})
        drawn.append(Drawn(build, unit.scalar_one(), pair.scalar_one(), video, newest))
    return drawn
