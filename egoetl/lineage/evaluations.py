"""What evaluations ask of lineage, and what scoring them leaves there."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import delete, insert, select, text
from sqlalchemy.engine import Connection

from egoetl.core.errors import CallerError
from egoetl.core.evaluation import Report, Score
from egoetl.core.ledger import Ledger, Pointer
from egoetl.core.records import Artifact
from egoetl.lineage.database import Database
from egoetl.lineage.reports import database_of
from egoetl.lineage.tables.evaluations import eval_run, eval_score
from egoetl.lineage.tables.versions import dataset_version

_ROWS = text(
    """
    SELECT row_no::text AS row, uri, questions, clip_id FROM build_row
    WHERE build_seq = :build_seq AND questions IS NOT NULL ORDER BY row_no
    """
)
_REFUSED = text(
    """
    SELECT reason, count(*)::integer AS rows FROM build_row
    WHERE build_seq = :build_seq AND reason IS NOT NULL GROUP BY reason ORDER BY reason
    """
)
_UNITS = text(
    """
    SELECT unit.stage, unit.unit_id, unit.clip_id, unit.state::text AS state, coalesce(unit.reason, result.drop_reason) AS reason,
           part.path, result.part_row
    FROM build_unit AS unit
    LEFT JOIN result ON result.key = unit.key
    LEFT JOIN part ON part.id = result.part_id
    WHERE unit.build_seq = :build_seq AND unit.shard >= 0
    """
)
_RUN = (eval_run.c.report_path, eval_run.c.predictions_path)


class EvaluatedRow(NamedTuple):
    """A video's row in an evaluation: where its questions lie, and the clip that it turned out to be, if it was registered."""

    row: str
    uri: str
    questions: str
    clip_id: str | None


class EvaluatedUnit(NamedTuple):
    """How a unit of an evaluation stands, and where its result lies."""

    stage: str
    unit_id: str
    clip_id: str | None
    state: str
    reason: str | None
    pointer: Pointer | None


class ScoredRun(NamedTuple):
    """Where an evaluation's report and predictions lie."""

    report: str
    predictions: str


class TrainedOn(NamedTuple):
    """A version of a dataset."""

    dataset: str
    number: int


class Evaluations:
    """Questions to lineage about evaluations; each call is one transaction, and waits for a database that is away."""

    def __init__(self, ledger: Ledger | Database) -> None:
        self._database = database_of(ledger)

    def rows(self, build_seq: int) -> list[EvaluatedRow]:
        """The videos of an evaluation, in order."""
        return self._database.transaction(lambda connection: [EvaluatedRow(*row) for row in connection.execute(_ROWS, _of(build_seq))])

    def refused(self, build_seq: int) -> dict[str, int]:
        """How many rows of the benchmark's data were refused, by reason."""
        return self._database.transaction(lambda connection: {row.reason: row.rows for row in connection.execute(_REFUSED, _of(build_seq))})

    def units(self, build_seq: int) -> list[EvaluatedUnit]:
        """All units of an evaluation."""

        def read(connection: Connection) -> list[EvaluatedUnit]:
            return [
                EvaluatedUnit(stage, unit_id, clip_id, state, reason, None if path is None else Pointer(path, row))
                for stage, unit_id, clip_id, state, reason, path, row in connection.execute(_UNITS, _of(build_seq))
            ]

        return self._database.transaction(read, unhurried=True)

    def version(self, trained_on: str) -> TrainedOn:
        """The dataset version that `DATASET@NUMBER` names. Raises CallerError `version_unknown`."""
        dataset, _, number = trained_on.rpartition("@")
        table = dataset_version.c
        known = self._database.transaction(
            lambda connection: connection.execute(select(table.number).where(table.dataset == dataset)).scalars().all()
        )
        if not number.isdecimal() or int(number) not in known:
            there = f"dataset {dataset} has {', '.join(map(str, sorted(known)))}" if known else f"there is no dataset {dataset or number}"
            raise CallerError(
                f"--trained-on {trained_on}: there is no such version; {there}. Write DATASET@NUMBER, such as egoavu@3.",
                reason="version_unknown",
            )
        return TrainedOn(dataset, int(number))

    def record(self, build_seq: int, report: Report, files: tuple[Artifact, Artifact], trained_on: TrainedOn | None) -> None:
        """Keep what an evaluation came to, in the place of what it came to before; `files` are its report and its predictions."""

        def keep(connection: Connection) -> None:
            connection.execute(delete(eval_score).where(eval_score.c.build_seq == build_seq))
            connection.execute(delete(eval_run).where(eval_run.c.build_seq == build_seq))
            connection.execute(insert(eval_run).values(_run(build_seq, report, files, trained_on)))
            if report.scores:
                connection.execute(insert(eval_score), [_score(build_seq, each) for each in report.scores])

        self._database.transaction(keep)

    def scored(self, build_seq: int) -> ScoredRun | None:
        """Where an evaluation's report lies; None for a build that was not scored."""
        statement = select(*_RUN).where(eval_run.c.build_seq == build_seq)
        found = self._database.transaction(lambda connection: connection.execute(statement).one_or_none())
        return None if found is None else ScoredRun(*found)

    def scores(self, run: str) -> Sequence[Mapping[str, Any]]:
        """The scores of a run, with the columns of the view `eval_scores`."""
        statement = text("SELECT * FROM eval_scores WHERE run = :run ORDER BY measure, task")
        return self._database.transaction(lambda connection: [dict(row) for row in connection.execute(statement, {"run": run}).mappings()])


def _of(build_seq: int) -> dict[str, int]:
    return {"build_seq": build_seq}


def _run(build_seq: int, report: Report, files: tuple[Artifact, Artifact], trained_on: TrainedOn | None) -> dict[str, Any]:
    written, predictions = files
    return {
        "build_seq": build_seq,
        "benchmark": report.benchmark,
        "benchmark_version": report.benchmark_version,
        "model": report.model,
        "judges": list(report.judges),
        "trained_on": trained_on.dataset if trained_on else None,
        "trained_on_number": trained_on.number if trained_on else None,
        "counts": report.counts,
        "suspicious": len(report.suspicious),
        "report": written.sha256,
        "report_path": written.path,
        "report_bytes": written.size_bytes,
        "predictions": predictions.sha256,
        "predictions_path": predictions.path,
        "predictions_bytes": predictions.size_bytes,
    }


def _score(build_seq: int, score: Score) -> dict[str, Any]:
    return {"build_seq": build_seq, **score.model_dump()}
