"""Planning a build, and what a worker asks about it."""

from collections.abc import Iterable, Sequence

from sqlalchemy import any_, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.engine import Connection, Row

from egoetl.core.errors import CallerError
from egoetl.core.ledger import Build, BuildSpec, Pointer, RefusedRow, ShardRow, StoredResult, UnitStatus
from egoetl.core.records import ManifestRow
from egoetl.lineage import bulk
from egoetl.lineage.tables.base import Sha256
from egoetl.lineage.tables.builds import build, build_row, build_unit
from egoetl.lineage.tables.results import part, result

REGISTER = "register"
NO_SHARD = -1

_ROW_COLUMNS = (
    "build_seq", "row_no", "start_ms", "end_ms", "shard", "video_id", "uri", "split", "narrations", "sha256", "questions", "reason",
    "message",
)  # fmt: skip
_UNIT_COLUMNS = ("build_seq", "shard", "unit_kind", "state", "stage", "unit_id", "reason", "error_class", "message")


def create(connection: Connection, spec: BuildSpec, rows: Sequence[ShardRow], refused: Sequence[RefusedRow]) -> Build:
    """Plan a build, or return the one of that name that was not dropped."""
    if (found := _find(connection, spec.name)) is not None and found.state != "dropped":
        return found
    # A second planner of the same name waits here for the first.
    statement = insert(build).values(**spec.model_dump(), state="planned").on_conflict_do_nothing().returning(build.c.seq)
    if (seq := connection.execute(statement).scalar()) is None:
        return load(connection, spec.name)
    connection.execute(text("SELECT ensure_partitions(:seq)"), {"seq": seq})
    bulk.copy(connection, "build_row", _ROW_COLUMNS, [*_accepted_rows(seq, rows), *_refused_rows(seq, refused)])
    bulk.copy(connection, "build_unit", _UNIT_COLUMNS, [*_pending_units(seq, rows), *_failed_units(seq, refused)])
    return Build(seq=seq, spec=spec, state="planned", shards=tuple(sorted({each.shard for each in rows})))


def load(connection: Connection, name: str) -> Build:
    """The latest build of that name. Raises CallerError `build_unknown`."""
    if (found := _find(connection, name)) is None:
        raise CallerError(f"There is no build {name!r}; `egoetl build list` shows those there are.", reason="build_unknown")
    return found


def rows(connection: Connection, build_seq: int, shard: int) -> list[ManifestRow]:
    """The shard's accepted rows, in manifest order."""
    table, names = build_row.c, tuple(name for name in ManifestRow.model_fields if name != "row")
    found = connection.execute(
        select(table.row_no.label("row"), *(table[name] for name in names))
        .where(table.build_seq == build_seq, table.shard == shard)
        .order_by(table.row_no)
    )
    return [ManifestRow(**row) for row in found.mappings()]


def statuses(connection: Connection, build_seq: int, shard: int, stages: Iterable[str]) -> list[UnitStatus]:
    """All units of the shard in these stages."""
    table = build_unit.c
    found = connection.execute(
        select(table.stage, table.unit_kind, table.unit_id, table.state, table.key, table.attempts)
        .where(table.build_seq == build_seq, table.shard == shard, table.stage.in_(list(stages)))
        .order_by(table.stage, table.unit_id)
    )
    return [
        UnitStatus(stage=stage, kind=kind, unit_id=unit_id, state=state, key=key, attempts=attempts)
        for stage, kind, unit_id, state, key, attempts in found
    ]


def results(connection: Connection, keys: Iterable[str]) -> dict[str, StoredResult]:
    """The committed results among these keys."""
    wanted = bindparam("keys", sorted(set(keys)), type_=ARRAY(Sha256))
    found = connection.execute(
        select(result.c.key, part.c.path, result.c.part_row, result.c.drop_reason)
        .join_from(result, part, result.c.part_id == part.c.id, isouter=True)
        .where(result.c.key == any_(wanted))
    )
    return {
        key: StoredResult(key=key, pointer=None if path is None else Pointer(part=path, row=row), drop_reason=drop_reason)
        for key, path, row, drop_reason in found
    }


def _find(connection: Connection, name: str) -> Build | None:
    row = connection.execute(select(build).where(build.c.name == name).order_by(build.c.seq.desc()).limit(1)).one_or_none()
    return None if row is None else _as_build(connection, row)


def _as_build(connection: Connection, row: "Row[tuple[object, ...]]") -> Build:
    shards = connection.execute(
        select(build_row.c.shard)
        .distinct()
        .where(build_row.c.build_seq == row.seq, build_row.c.shard.is_not(None))
        .order_by(build_row.c.shard)
    ).scalars()
    spec = BuildSpec(**{name: getattr(row, name) for name in BuildSpec.model_fields})
    return Build(seq=row.seq, spec=spec, state=row.state, shards=tuple(shards))


def _accepted_rows(seq: int, rows: Sequence[ShardRow]) -> Iterable[tuple[object, ...]]:
    for each in rows:
        row = each.row
        sha256 = bytes.fromhex(row.sha256) if row.sha256 else None
        place = (row.start_ms, row.end_ms, each.shard, row.video_id, row.uri, row.split)
        yield (seq, row.row, *place, row.narrations, sha256, row.questions, None, None)


def _refused_rows(seq: int, refused: Sequence[RefusedRow]) -> Iterable[tuple[object, ...]]:
    for each in refused:
        yield (seq, each.row, None, None, None, each.video_id, None, None, None, None, None, each.reason, each.message)


def _pending_units(seq: int, rows: Sequence[ShardRow]) -> Iterable[tuple[object, ...]]:
    for each in rows:
        yield (seq, each.shard, "row", "pending", REGISTER, str(each.row.row), None, None, None)


def _failed_units(seq: int, refused: Sequence[RefusedRow]) -> Iterable[tuple[object, ...]]:
    for each in refused:
        yield (seq, NO_SHARD, "row", "failed", REGISTER, str(each.row), each.reason, "data", each.message)
