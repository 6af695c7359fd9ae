"""What lineage can tell of builds, pairs and videos, for the command line and for publishing."""

from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection

from egoetl.core.errors import InternalError
from egoetl.core.ledger import Ledger
from egoetl.core.records import Record
from egoetl.core.release import AcceptedPair, Provenance
from egoetl.lineage import accepted, build_states, dropping, leases, reply_reports, retrying, trace, versions
from egoetl.lineage.database import Database
from egoetl.lineage.impact import impact
from egoetl.lineage.impact_records import Impact, What
from egoetl.lineage.leases import Holder
from egoetl.lineage.postgres_ledger import PostgresLedger
from egoetl.lineage.superseding import supersede
from egoetl.lineage.trace import PairTrace, UnitTrace, VideoTrace

ReportRow = dict[str, Any]


class Place(Record):
    """Where a unit was worked on last."""

    build: str
    shard: int


def database_of(ledger: Ledger | Database) -> Database:
    """The database behind a ledger. Raises InternalError for a ledger that has none."""
    if isinstance(ledger, PostgresLedger):
        return ledger.database
    if isinstance(ledger, Database):
        return ledger
    raise InternalError("Only the ledger in PostgreSQL can be reported on.", reason="ledger_without_reports")


class Reports:
    """Questions to lineage; each is one transaction, and waits for a database that is away.

    A row is a dict by column name. `build_seq` is `Build.seq`.
    """

    def __init__(self, ledger: Ledger | Database) -> None:
        self._database = database_of(ledger)

    def list_builds(self) -> list[ReportRow]:
        """All builds, newest first: name, state, recipe, dataset, engine, night, version, units, failed, pending,
        created_at, finished_at."""
        return self._rows(_BUILDS)

    def funnel(self, build_seq: int) -> list[ReportRow]:
        """Per stage, in the recipe's order: total, done, dropped, failed, blocked, pending, computed, reused."""
        return self._rows(_FUNNEL, build_seq=build_seq)

    def yield_counts(self, build_seq: int) -> ReportRow:
        """Units of all stages by state, and `refused`: manifest rows that were refused or could not be registered for their data."""
        return self._rows(_YIELD, build_seq=build_seq)[0]

    def qa_counts(self, build_seq: int) -> dict[str, int]:
        """Accepted pairs by task."""
        return {row["task"]: row["pairs"] for row in self._rows(_PAIRS, build_seq=build_seq)}

    def reasons(self, build_seq: int) -> list[ReportRow]:
        """Drops, failures and blocks: stage, state, reason, units; the most frequent first."""
        return self._rows(_REASONS, build_seq=build_seq)

    def drops(self, build_seq: int) -> list[ReportRow]:
        """Why units were dropped: stage, reason, units."""
        rows = self.reasons(build_seq)
        return [{name: row[name] for name in ("stage", "reason", "units")} for row in rows if row["state"] == "dropped"]

    def failures(self, build_seq: int) -> list[ReportRow]:
        """Failed units, refused manifest rows included: stage, unit, reason, message, attempts and Airflow coordinates of the last,
        and the later build that has mended it (`mended_by`, None: outstanding)."""
        return self._rows(_FAILURES, build_seq=build_seq)

    def place_of(self, unit_id: str) -> Place | None:
        """The newest build that has a clip, segment or pair, and its shard there."""
        place = self._database.transaction(lambda connection: trace.find_place(connection, unit_id))
        return None if place is None else Place(build=place.build, shard=place.shard)

    def trace_qa(self, qa_id: str) -> PairTrace:
        """A pair and everything it was made from. Raises CallerError `pair_unknown`."""
        return self._database.transaction(lambda connection: trace.trace_pair(connection, qa_id))

    def trace_segment(self, unit_id: str) -> UnitTrace:
        """A segment or clip in its newest build: how it stands, and what it was made from. Raises CallerError `unit_unknown`."""
        return self._database.transaction(lambda connection: trace.trace_unit(connection, unit_id))

    def trace_video(self, name: str) -> VideoTrace:
        """The files that a manifest id or sha256 names, and what was made of them. Raises CallerError `video_unknown`."""
        return self._database.transaction(lambda connection: trace.trace_video(connection, name))

    def impact(self, what: What, name: str, *, limit: int) -> Impact:
        """What descends from a prompt, model, video or version of a stage, and what it cost; the lists name `limit` at most.

        Raises CallerError: there is no such thing, or the name stands for several.
        """
        return self._database.transaction(lambda connection: impact(connection, what, name, limit), unhurried=True)

    def replies(
        self, build_seq: int, *, unit: str | None = None, stage: str | None = None, status: str | None = None, most: int
    ) -> tuple[int, list[ReportRow]]:
        """How many replies of a build there are, of a unit, stage or status, and the first of them with the columns of `reply_history`.

        Without a unit and a status, of those that are not `ok`.
        """
        return self._database.transaction(lambda connection: reply_reports.replies(connection, build_seq, unit, stage, status, most))

    def reply_statuses(self, build_seq: int) -> dict[str, int]:
        """Replies of a build by status."""
        return self._database.transaction(lambda connection: reply_reports.statuses(connection, build_seq))

    def reset_failed(self, build_seq: int, *, stage: str | None = None, reason: str | None = None) -> list[ReportRow]:
        """Make failed units, of a stage or reason if given, and all blocked ones pending again: stage, shard, units."""
        return self._database.transaction(lambda connection: retrying.reset_failed(connection, build_seq, stage, reason))

    def drop_build(self, build_seq: int) -> None:
        """Forget what a build did; its results stay. Raises CallerError `build_has_version` or `build_in_use`."""
        dropping.drop_build(self._database, build_seq)

    def accepted_pairs(self, dataset: str, build_seq: int) -> list[AcceptedPair]:
        """The cumulative accepted set of a dataset after a build, by qa id: of it and of all builds that succeeded."""
        return self._database.transaction(lambda connection: accepted.accepted_pairs(connection, dataset, build_seq), unhurried=True)

    def provenance(self, qa_ids: Iterable[str]) -> list[Provenance]:
        """The ways in which the results behind these pairs were made, from the source on; the same set gives the same list."""
        wanted = sorted(qa_ids)
        return self._database.transaction(lambda connection: accepted.provenance(connection, wanted), unhurried=True)

    def record_version(
        self,
        build_seq: int,
        *,
        dataset: str,
        manifest_sha256: str,
        path: str,
        counts: Mapping[str, Any],
        qa_ids: Iterable[str],
        left_out: Sequence[tuple[str, str]] = (),
    ) -> int:
        """Note what a build published, as a candidate; returns its number. A set equal to the latest version is that version.

        `left_out` are (qa id, reason) of accepted pairs that the rules over the whole version left out of it.
        """
        version = versions.Published(build_seq, dataset, manifest_sha256, path, dict(counts), tuple(qa_ids), tuple(left_out))
        return self._database.transaction(lambda connection: versions.record(connection, version), unhurried=True)

    @contextmanager
    def publishing(self) -> Generator[None]:
        """While a version is being written and recorded: no video is withdrawn meanwhile."""
        connection = self._database.patiently(self._begin_publishing)
        try:
            yield
        finally:
            connection.close()

    def publish_version(self, build_seq: int) -> None:
        """Make a build's version public; the one before it is superseded. Nothing happens for a build without one."""
        self._database.transaction(lambda connection: versions.publish(connection, build_seq))

    def succeed(self, build_seq: int) -> None:
        """The build came through its gate: it has succeeded and its version is public; what a backfill replaced is superseded.

        Raises CancelledError.
        """

        def settle(connection: Connection) -> None:
            build_states.set_state(connection, build_seq, "succeeded")
            versions.publish(connection, build_seq)
            supersede(connection, build_seq)

        self._database.transaction(settle, unhurried=True)

    def clock(self) -> float:
        """The database's clock, in seconds since 1970."""
        return float(self._rows("SELECT extract(epoch FROM clock_timestamp()) AS now")[0]["now"])

    def void_claims(self) -> int:
        """Claims whose lease has ended: dead workers have left them, and the next who asks gets them."""
        return int(self._rows(_VOID_CLAIMS)[0]["claims"])

    def workers(self, build_seq: int | None = None) -> list[Holder]:
        """Who holds a lease, of this build or of any. One whose process is gone holds it until it runs out."""
        return self._database.transaction(lambda connection: leases.holders(connection, build_seq))

    def version_of(self, build_seq: int) -> ReportRow | None:
        """The version that a build published: dataset, number, path, state, manifest_sha256, counts, left_out (pairs by reason)."""
        return self._database.transaction(lambda connection: versions.version_of(connection, build_seq))

    def versions(self, dataset: str) -> list[ReportRow]:
        """A dataset's versions, newest first, with the columns of `version_of`."""
        return self._database.transaction(lambda connection: versions.of_dataset(connection, dataset))

    def left_out(self, dataset: str, number: int) -> list[ReportRow]:
        """Accepted pairs that the rules over a whole version left out of it: reason, pairs; the most frequent first."""
        return self._rows(_LEFT_OUT, dataset=dataset, number=number)

    def latest_published(self, dataset: str) -> ReportRow | None:
        """The version of a dataset that is public now."""
        return self._database.transaction(lambda connection: versions.latest_published(connection, dataset))

    def known_paths(self) -> set[str]:
        """Every file of the store that a result points to or lies in, or that holds replies, questions or scores of a build."""
        statement = """
            SELECT path FROM part UNION SELECT path FROM artifact UNION SELECT path FROM reply_part
            UNION SELECT report_path FROM eval_run UNION SELECT predictions_path FROM eval_run
            UNION SELECT split_part(questions, '#', 1) FROM build_row WHERE questions IS NOT NULL
        """
        return {row["path"] for row in self._rows(statement)}

    def _begin_publishing(self) -> Connection:
        connection = self._database.connect(unhurried=True)
        try:
            versions.begin_publishing(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _rows(self, statement: str, **values: Any) -> list[ReportRow]:
        def read(connection: Connection) -> list[ReportRow]:
            found = connection.execute(text(statement), values)
            names = tuple(found.keys())  # mappings take three times as long, and a build may have thousands of failures
            return [dict(zip(names, row, strict=True)) for row in found]

        return self._database.transaction(read)


_VOID_CLAIMS = """
    SELECT count(*) AS claims FROM key_claim AS claim WHERE NOT EXISTS (
        SELECT FROM shard_lease AS lease
        WHERE (lease.build_seq, lease.stage, lease.shard, lease.token) = (claim.build_seq, claim.stage, claim.shard, claim.token)
          AND lease.expires_at > clock_timestamp()
    )
"""
_BUILDS = """
    SELECT build.name, build.state, build.recipe, build.dataset, build.engine, build.night, build.version,
           coalesce(counted.units, 0) AS units, coalesce(counted.failed, 0) AS failed,
           coalesce(counted.pending, 0) AS pending,
           to_char(build.created_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS created_at,
           to_char(build.finished_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS finished_at
    FROM build
    LEFT JOIN (
        SELECT build_seq, sum(units)::integer AS units, sum(failed)::integer AS failed, sum(pending)::integer AS pending
        FROM shard_count GROUP BY build_seq
    ) AS counted ON counted.build_seq = build.seq
    ORDER BY build.seq DESC
"""
_FUNNEL = """
    SELECT stage, total, done, dropped, failed, blocked, pending, computed, reused
    FROM build_progress WHERE build_seq = :build_seq ORDER BY position
"""
_YIELD = """
    SELECT coalesce(sum(total), 0)::integer AS total, coalesce(sum(done), 0)::integer AS done,
           coalesce(sum(dropped), 0)::integer AS dropped, coalesce(sum(failed), 0)::integer AS failed,
           coalesce(sum(blocked), 0)::integer AS blocked, coalesce(sum(pending), 0)::integer AS pending,
           (SELECT count(*)::integer FROM build_unit WHERE build_seq = :build_seq AND state = 'failed' AND stage = 'register'
            AND unit_kind = 'row' AND error_class = 'data') AS refused
    FROM build_progress WHERE build_seq = :build_seq
"""
_PAIRS = """
    SELECT task, sum(pairs)::integer AS pairs
    FROM (SELECT clip_id, task, max(pairs) AS pairs FROM clip_pairs WHERE build_seq = :build_seq GROUP BY clip_id, task) AS of_clip
    GROUP BY task HAVING sum(pairs) > 0 ORDER BY task
"""
_REASONS = """
    SELECT stage, state, reason, units FROM unit_reasons WHERE build_seq = :build_seq
    ORDER BY units DESC, stage, state, reason
"""
_FAILURES = """
    SELECT stage, unit_kind, unit_id, reason, error_class, message, attempts, dag_id, run_id, task_id, map_index, try_number, host, pid,
           mended_by
    FROM failed_items WHERE build_seq = :build_seq
    ORDER BY stage, CASE WHEN unit_kind = 'row' THEN unit_id::integer END, shard, unit_id
"""
_LEFT_OUT = """
    SELECT counted.key AS reason, counted.value::integer AS pairs FROM dataset_version CROSS JOIN jsonb_each(left_out) AS counted
    WHERE dataset = :dataset AND number = :number ORDER BY pairs DESC, reason
"""
