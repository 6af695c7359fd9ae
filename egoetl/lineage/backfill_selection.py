"""Which units of earlier builds a backfill is about, and the manifest rows that they came from."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.engine import Connection

from egoetl.core.backfill import SelectedRow, SelectedUnit, Selection
from egoetl.core.records import ManifestRow
from egoetl.lineage.builds import NO_SHARD

# Builds that have come to their gate; the others go on by themselves.
_SCOPE = """
    WITH scope AS (
        SELECT seq, name, state IN ('failed', 'succeeded') AS ended FROM build
        WHERE dataset = :dataset AND state <> 'dropped' AND 'publish' = ANY (stages)
          AND (CAST(:build AS text) IS NULL OR name = :build)
          AND (CAST(:first AS text) IS NULL OR night BETWEEN :first AND :last)
    )
"""
# Of a unit that several builds have, the newest one's word. A row's number means something only within its build.
_NEWEST = """
    , newest AS (
        SELECT DISTINCT ON (unit.stage, unit.unit_id, own.video_id, own.start_ms, own.end_ms)
               unit.*, scope.name AS build
        FROM scope
        JOIN build_unit AS unit ON unit.build_seq = scope.seq AND unit.shard <> :no_shard
        LEFT JOIN build_row AS own ON unit.unit_kind = 'row' AND own.build_seq = unit.build_seq AND own.row_no::text = unit.unit_id
        WHERE scope.ended AND {chosen}
          AND (CAST(:stages AS text[]) = '{{}}' OR unit.stage = ANY (:stages))
        ORDER BY unit.stage, unit.unit_id, own.video_id, own.start_ms, own.end_ms, unit.build_seq DESC, unit.shard
    )
    SELECT newest.build_seq, newest.build, newest.shard, newest.stage, newest.unit_kind AS kind, newest.unit_id, newest.clip_id,
           newest.state, newest.reason
    FROM newest
"""
_FAILED = (
    _SCOPE
    + _NEWEST.format(chosen="unit.state = 'failed'")
    + """
    LEFT JOIN attempt AS last
        ON last.build_seq = newest.build_seq AND last.unit_id = newest.unit_id AND last.stage = newest.stage
        AND last.shard = newest.shard AND last.number = newest.attempts
    WHERE (CAST(:error_class AS text) IS NULL OR newest.error_class = :error_class)
      AND (CAST(:reason AS text) IS NULL OR newest.reason = :reason)
      AND (CAST(:since AS timestamptz) IS NULL OR last.ended_at >= :since)
      AND mended_by(newest.build_seq, newest.stage, newest.unit_kind, newest.unit_id, newest.clip_id) IS NULL
    ORDER BY newest.build_seq, newest.shard, newest.stage, newest.unit_id
    """
)
# What configurations a prompt or a model is of, and so which stages' units are worth a look: the others are most of a ledger.
_MADE_WITH = """
    (CAST(:prompt AS text) IS NULL OR EXISTS (
        SELECT FROM jsonb_each_text(config.prompts) AS used (name, sha256)
        WHERE starts_with(used.sha256, :prompt) AND (CAST(:prompt_name AS text) IS NULL OR used.name = :prompt_name)
    ))
    AND (CAST(:model AS text) IS NULL OR EXISTS (
        SELECT FROM jsonb_each_text(config.models) AS used (role, model) WHERE used.model = :model
    ))
"""
_OF_THOSE_STAGES = f"unit.stage IN (SELECT config.stage FROM stage_config AS config WHERE {_MADE_WITH})"  # noqa: S608 - a constant
_FINISHED = (
    _SCOPE
    + _NEWEST.format(chosen=f"unit.state IN ('done', 'dropped') AND {_OF_THOSE_STAGES}")
    + f"""
    JOIN result ON result.key = newest.key
    JOIN stage_config AS config ON config.id = result.config_id
    WHERE (CAST(:drop_reason AS text) IS NULL OR newest.state = 'dropped' AND newest.reason = :drop_reason)
      AND {_MADE_WITH}
      AND (CAST(:since AS timestamptz) IS NULL OR result.created_at >= :since)
    ORDER BY newest.build_seq, newest.shard, newest.stage, newest.unit_id
    """
)
_UNFINISHED = _SCOPE + "SELECT name FROM scope WHERE NOT ended ORDER BY seq"  # noqa: S608 - both parts are constants
_REFUSED = (
    _SCOPE  # noqa: S608 - both parts are constants
    + """
    SELECT count(*) FROM scope JOIN build_unit AS unit ON unit.build_seq = scope.seq
    WHERE unit.shard = :no_shard AND unit.state = 'failed' AND scope.ended
    """
)
_ROWS = text(
    """
    SELECT row_no AS row, video_id, uri, split, start_ms, end_ms, narrations, encode(sha256, 'hex') AS sha256, questions, shard, clip_id
    FROM build_row
    WHERE build_seq = :build_seq AND shard IS NOT NULL AND (clip_id = ANY (:clips) OR row_no = ANY (:rows)) ORDER BY row_no
    """
)


def selected_units(connection: Connection, dataset: str, selection: Selection) -> list[SelectedUnit]:
    """The units, build by build. Its `limit` is the caller's to apply."""
    statement = _FAILED if selection.of_failed else _FINISHED
    return [SelectedUnit(**row) for row in connection.execute(text(statement), _values(dataset, selection)).mappings()]


def unfinished_builds(connection: Connection, dataset: str, selection: Selection) -> list[str]:
    """Builds in question that have not come to their gate."""
    return list(connection.execute(text(_UNFINISHED), _values(dataset, selection)).scalars())


def refused_rows(connection: Connection, dataset: str, selection: Selection) -> int:
    """How many manifest rows the builds in question refused."""
    return connection.execute(text(_REFUSED), _values(dataset, selection)).scalar_one()


def selected_rows(connection: Connection, units: Sequence[SelectedUnit]) -> list[SelectedRow]:
    """The rows of these units' clips; of a row that several builds have, the newest one's."""
    found: dict[tuple[str, int, int], SelectedRow] = {}
    for build_seq in sorted({each.build_seq for each in units}):
        of_build = [each for each in units if each.build_seq == build_seq]
        values = {
            "build_seq": build_seq,
            "clips": sorted({each.clip_id for each in of_build if each.clip_id}),
            "rows": sorted({int(each.unit_id) for each in of_build if each.kind == "row"}),
        }
        for line in connection.execute(_ROWS, values).mappings():
            row = ManifestRow(**{name: line[name] for name in ManifestRow.model_fields})
            found[row.video_id, row.start_ms, row.end_ms] = SelectedRow(
                build_seq=build_seq, shard=line["shard"], clip_id=line["clip_id"], row=row
            )
    return sorted(found.values(), key=lambda each: (each.build_seq, each.row.row))


def _values(dataset: str, selection: Selection) -> dict[str, object]:
    name, _, sha = (selection.prompt or "").rpartition("@")
    first, last = selection.nights or (None, None)
    return {
        **selection.model_dump(include={"build", "error_class", "reason", "drop_reason", "model", "since"}),
        "dataset": dataset,
        "first": first,
        "last": last,
        "stages": list(selection.stages),
        "prompt": sha or None,
        "prompt_name": name or None,
        "no_shard": NO_SHARD,
    }
