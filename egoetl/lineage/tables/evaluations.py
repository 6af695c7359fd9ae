"""What evaluations came to."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from egoetl.lineage.tables.base import Id, Sha256, metadata

eval_run = Table(
    "eval_run",
    metadata,
    Column("build_seq", BigInteger, ForeignKey("build.seq"), primary_key=True, autoincrement=False, comment="The build."),
    Column("benchmark", Id, nullable=False, comment="The benchmark."),
    Column("benchmark_version", Integer, nullable=False, comment="Version of its loader, prompts, parsing and metrics."),
    Column("model", Id, nullable=False, comment="The model that was asked, id@revision."),
    Column("judges", ARRAY(Text), nullable=False, comment="The models that graded, id@revision; none where nothing is judged."),
    Column("trained_on", Id, comment="The dataset that the model was trained on, where somebody said so."),
    Column("trained_on_number", Integer, comment="Which version of that dataset."),
    Column("counts", JSONB, nullable=False, comment="Questions by status: answered, unparsed, failed, blocked, missing."),
    Column("suspicious", Integer, nullable=False, comment="Questions whose answer holds the reference answer and was graded lowest."),
    Column("report", Sha256, nullable=False, comment="sha256 of the report's bytes: equal answers have equal reports."),
    Column("report_path", Text, nullable=False, comment="Where the report lies in the store, relative to its root."),
    Column("report_bytes", BigInteger, nullable=False, comment="Size of the report."),
    Column("predictions", Sha256, nullable=False, comment="sha256 of the bytes of the file of predictions."),
    Column("predictions_path", Text, nullable=False, comment="Where the predictions lie in the store, a line a question."),
    Column("predictions_bytes", BigInteger, nullable=False, comment="Size of the file of predictions."),
    Column("scored_at", DateTime(timezone=True), nullable=False, server_default=func.now(), comment="When it was scored."),
    ForeignKeyConstraint(
        ["trained_on", "trained_on_number"], ["dataset_version.dataset", "dataset_version.number"], name="eval_run_trained_on_fkey"
    ),
    Index(None, "benchmark", "model"),
    Index("eval_run_trained_on_idx", "trained_on", "trained_on_number", postgresql_where=text("trained_on IS NOT NULL")),
    comment="An evaluation that was scored: a build of a recipe eval_<benchmark>. Scoring it again takes the row's place.",
)

eval_score = Table(
    "eval_score",
    metadata,
    Column("build_seq", BigInteger, ForeignKey("eval_run.build_seq"), primary_key=True, autoincrement=False, comment="The evaluation."),
    Column("measure", Id, primary_key=True, comment="The metric."),
    Column("task", Id, primary_key=True, comment="The task that the benchmark reports by; all: every question."),
    Column("value", Double, comment="The mean over questions that have a value; NULL where none has."),
    Column("low", Double, comment="Lower end of the 95 % interval, clustered by video; NULL where there is none."),
    Column("high", Double, comment="Upper end of that interval."),
    Column("scored", Integer, nullable=False, comment="Questions with a value."),
    Column("total", Integer, nullable=False, comment="Questions that the metric applies to; scored / total is its coverage."),
    Column("videos", Integer, nullable=False, comment="Videos among those scored: the clusters of the interval."),
    Column("missing_as_zero", Double, comment="The score if every question without a value counted 0."),
    Column("legacy", Double, comment="What the reference scorer prints, where it differs."),
    Column("scale", Double, nullable=False, comment="What values are multiplied by when they are shown."),
    comment="A metric of an evaluation over the questions of a task, or of all.",
)
