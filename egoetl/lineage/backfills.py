"""What planning, publishing and settling a backfill ask of lineage."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.dialects.postgresql import insert as insert_if_new
from sqlalchemy.engine import Connection

from egoetl.core.backfill import Cost, PastResult, SelectedRow, SelectedUnit, Selection
from egoetl.core.ledger import Build, BuildSpec, Ledger, Pointer, ShardRow
from egoetl.lineage import backfill_selection, builds
from egoetl.lineage.database import Database
from egoetl.lineage.reports import database_of
from egoetl.lineage.tables.backfills import backfill, backfill_build
from egoetl.lineage.tables.builds import build

_SHARING = text(
    """
    SELECT DISTINCT old.name FROM build_row AS seen JOIN build AS old ON old.seq = seen.build_seq
    WHERE old.dataset = :dataset AND old.state = 'failed' AND 'publish' = ANY (old.stages) AND old.seq <> :build_seq
      AND (seen.video_id, seen.start_ms, seen.end_ms)
          IN (SELECT video_id, start_ms, end_ms FROM build_row AS own WHERE own.build_seq = :build_seq)
    """
)
_PAST = text(
    """
    SELECT encode(result.key, 'hex') AS key, encode(config.sha256, 'hex') AS config_sha, part.path, result.part_row
    FROM unnest(CAST(:keys AS text[])) AS wanted (key)
    JOIN result ON result.key = decode(wanted.key, 'hex')
    JOIN stage_config AS config ON config.id = result.config_id
    LEFT JOIN part ON part.id = result.part_id
    """
)
_PAIRS = text(
    """
    SELECT qa_id FROM qa_pair WHERE clip_id = ANY (:clips) AND encode(result, 'hex') = ANY (CAST(:keys AS text[])) ORDER BY qa_id
    """
)
# A version holds a pair from `since` until before `until`.
_VERSIONS = text(
    """
    SELECT DISTINCT version.number FROM version_pair AS held
    JOIN dataset_version AS version
        ON version.dataset = held.dataset AND version.number >= held.since AND (held.until IS NULL OR version.number < held.until)
    WHERE held.dataset = :dataset AND held.qa_id = ANY (:qa_ids) ORDER BY version.number
    """
)
_COSTS = text(
    """
    SELECT stage, model, sum(attempts)::integer AS attempts, sum(seconds) AS seconds,
           sum(prompt_tokens)::bigint AS prompt_tokens, sum(completion_tokens)::bigint AS completion_tokens
    FROM usage_total GROUP BY stage, model
    """
)
_LEFT = text(
    """
    SELECT count(*) FROM build_unit AS unit
    WHERE unit.build_seq = :mends_seq AND unit.state IN ('failed', 'blocked', 'pending')
      AND NOT (unit.state = 'failed' AND unit.stage = 'register' AND unit.unit_kind = 'row' AND unit.error_class = 'data')
      AND mended_by(unit.build_seq, unit.stage, unit.unit_kind, unit.unit_id, unit.clip_id, :build_seq) IS NULL
    """
)
_MENDING = text(
    """
    SELECT mending.name FROM backfill_build AS link JOIN build AS mending ON mending.seq = link.build_seq
    WHERE link.mends_seq = :build_seq ORDER BY link.build_seq
    """
)
_MENDED = text(
    """
    SELECT old.name, link.whole FROM backfill_build AS link JOIN build AS old ON old.seq = link.mends_seq
    WHERE link.build_seq = :build_seq ORDER BY link.mends_seq
    """
)


class Backfills:
    """Each call is one transaction, and waits for a database that is away."""

    def __init__(self, ledger: Ledger | Database) -> None:
        self._database = database_of(ledger)

    def selected_units(self, dataset: str, selection: Selection) -> list[SelectedUnit]:
        """The units that a selection means, whatever its limit."""
        return self._database.transaction(lambda connection: backfill_selection.selected_units(connection, dataset, selection))

    def selected_rows(self, units: Sequence[SelectedUnit]) -> list[SelectedRow]:
        """The manifest rows of these units' clips, each once."""
        return self._database.transaction(lambda connection: backfill_selection.selected_rows(connection, units))

    def unfinished_builds(self, dataset: str, selection: Selection) -> list[str]:
        """Builds in question that have not come to their gate."""
        return self._database.transaction(lambda connection: backfill_selection.unfinished_builds(connection, dataset, selection))

    def refused_rows(self, dataset: str, selection: Selection) -> int:
        """How many manifest rows the builds in question refused."""
        return self._database.transaction(lambda connection: backfill_selection.refused_rows(connection, dataset, selection))

    def past_results(self, keys: Sequence[str]) -> dict[str, PastResult]:
        """What is known of these results, by key."""
        found = self._database.transaction(lambda connection: connection.execute(_PAST, {"keys": list(keys)}).all())
        return {
            key: PastResult(key=key, config_sha=config, pointer=None if path is None else Pointer(part=path, row=row))
            for key, config, path, row in found
        }

    def costs(self) -> dict[tuple[str, str], Cost]:
        """What past attempts took, by stage and models (empty for a stage that asks none)."""
        found = self._database.transaction(lambda connection: connection.execute(_COSTS).mappings().all())
        return {(row["stage"], row["model"]): Cost(**{name: row[name] for name in Cost.model_fields}) for row in found}

    def pairs_of(self, clips: Sequence[str], keys: Sequence[str]) -> list[str]:
        """The pairs that these results hold."""
        values = {"clips": list(clips), "keys": list(keys)}
        return self._database.transaction(lambda connection: list(connection.execute(_PAIRS, values).scalars()))

    def versions_with(self, dataset: str, qa_ids: Sequence[str]) -> list[int]:
        """The versions that hold any of these pairs."""
        values = {"dataset": dataset, "qa_ids": list(qa_ids)}
        return self._database.transaction(lambda connection: list(connection.execute(_VERSIONS, values).scalars()))

    def create(self, spec: BuildSpec, rows: Sequence[ShardRow], selection: Mapping[str, Any], units: int, mends: Sequence[str]) -> Build:
        """Plan a backfill as a build linked to those that it mends, or return the build of its name."""

        def write(connection: Connection) -> Build:
            made = builds.create(connection, spec, rows, ())
            about = {"build_seq": made.seq, "selection": dict(selection), "units": units}
            if connection.execute(insert_if_new(backfill).values(about).on_conflict_do_nothing()).rowcount:
                names = {*mends, *connection.execute(_SHARING, {"dataset": spec.dataset, "build_seq": made.seq}).scalars()}
                for name in sorted(names):
                    mended = builds.load(connection, name).seq
                    connection.execute(insert(backfill_build).values(build_seq=made.seq, mends_seq=mended))
            return made

        return self._database.transaction(write)

    def selection_of(self, name: str) -> dict[str, Any] | None:
        """What the backfill of that name was asked for; None where no build that was not dropped is a backfill of that name."""
        asked = select(backfill.c.selection).join(build, build.c.seq == backfill.c.build_seq)
        asked = asked.where(build.c.name == name, build.c.state != "dropped")
        return self._database.transaction(lambda connection: connection.execute(asked).scalar())

    def mended(self, build_seq: int) -> dict[str, bool]:
        """The builds that a backfill mends, by name, and whether each is whole with it; empty for any other build."""
        found = self._database.transaction(lambda connection: connection.execute(_MENDED, {"build_seq": build_seq}).all())
        return {str(name): bool(whole) for name, whole in found}

    def mending(self, build_seq: int) -> list[str]:
        """The backfills that mend a build, oldest first."""
        return self._database.transaction(lambda connection: list(connection.execute(_MENDING, {"build_seq": build_seq}).scalars()))

    def left_unfinished(self, mends_seq: int, build_seq: int) -> int:
        """Units of a build that neither later builds that succeeded nor this backfill has settled; refused rows are not counted."""
        values = {"mends_seq": mends_seq, "build_seq": build_seq}
        return self._database.transaction(lambda connection: connection.execute(_LEFT, values).scalar_one())

    def set_whole(self, mends_seq: int, build_seq: int, whole: bool) -> None:
        """Note whether a build reaches its floor with a backfill."""
        link = backfill_build.c
        change = backfill_build.update().where(link.build_seq == build_seq, link.mends_seq == mends_seq).values(whole=whole)
        self._database.transaction(lambda connection: connection.execute(change))
