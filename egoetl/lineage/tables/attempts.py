"""Who works, under which lease, and every try at a unit."""

from sqlalchemy import (
    REAL,
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    Uuid,
    func,
)

from egoetl.lineage.tables.base import Id, metadata, unit_kind, unit_state

worker = Table(
    "worker",
    metadata,
    Column("id", Integer, Identity(always=True), primary_key=True, comment="Short name used by attempts and leases."),
    Column("uid", Uuid, nullable=False, unique=True, comment="Drawn by the worker, so that registering twice changes nothing."),
    Column("host", Text, nullable=False, comment="Host name."),
    Column("machine", Text, nullable=False, comment="Boot id and process namespace: where its process number means something."),
    Column("pid", Integer, nullable=False, comment="Process number."),
    Column("pid_started", BigInteger, nullable=False, comment="When the process started, in clock ticks since boot."),
    Column("command", Text, nullable=False, comment="The command line's verb."),
    Column("dag_id", Text, comment="Airflow DAG, where Airflow started it."),
    Column("run_id", Text, comment="Airflow run."),
    Column("task_id", Text, comment="Airflow task."),
    Column("map_index", Integer, comment="Airflow map index."),
    Column("try_number", Integer, comment="Airflow try."),
    Column("started_at", DateTime(timezone=True), nullable=False, server_default=func.now(), comment="When it registered."),
    comment="One process that worked on shards, and where in Airflow it ran.",
)

shard_lease = Table(
    "shard_lease",
    metadata,
    Column("build_seq", BigInteger, ForeignKey("build.seq"), primary_key=True, comment="The build."),
    Column("stage", Id, primary_key=True, comment="The stage."),
    Column("shard", SmallInteger, primary_key=True, comment="The shard."),
    Column("token", BigInteger, nullable=False, comment="Fencing token: each holder's is larger than the last one's."),
    Column("expires_at", DateTime(timezone=True), nullable=False, comment="When the right to commit ends, by the database's clock."),
    Column("worker_id", Integer, ForeignKey("worker.id"), nullable=False, comment="The holder."),
    Column("claim", Uuid, nullable=False, comment="Drawn by the call that took it, which may be repeated after a lost connection."),
    Column("last_commit", Uuid, comment="Drawn by the last commit, which may be repeated after a lost connection."),
    comment="The right to commit for one shard of one stage.",
)

attempt = Table(
    "attempt",
    metadata,
    Column("build_seq", BigInteger, nullable=False, comment="The build."),
    Column("ended_at", DateTime(timezone=True), nullable=False, server_default=func.now(), comment="When it was committed."),
    Column("worker_id", Integer, nullable=False, comment="The process that tried (worker.id), with its Airflow coordinates."),
    Column("seconds", REAL, nullable=False, comment="How long it took."),
    Column("unit_kind", unit_kind, nullable=False, comment="Kind of the unit."),
    Column("state", unit_state, nullable=False, comment="How it ended."),
    Column("requests", Integer, nullable=False, comment="Requests made of models."),
    Column("prompt_tokens", Integer, comment="Tokens of the prompts; NULL where nobody counted."),
    Column("completion_tokens", Integer, comment="Tokens of the replies; NULL where nobody counted."),
    Column("shard", SmallInteger, nullable=False, comment="The shard."),
    Column("number", SmallInteger, nullable=False, comment="First try, second try and so on, within the build."),
    Column("stage", Id, nullable=False, comment="The stage."),
    Column("unit_id", Id, nullable=False, comment="The unit."),
    Column("model", Text, comment="The models asked, id@revision."),
    Column("reason", Text, comment="Reason code of a drop or failure."),
    Column("error_class", Text, comment="Who must act on a failure."),
    Column("message", Text, comment="A failure in words."),
    Index(None, "unit_id", postgresql_using="hash"),
    comment="One try at one unit in one stage of one build. One partition a build, narrow columns first.",
    postgresql_partition_by="RANGE (build_seq)",
)
