"""The accepted set of a dataset, over all its builds."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.engine import Connection

from egoetl.core.records import QAPair
from egoetl.core.release import AcceptedPair, Provenance
from egoetl.lineage.counting import COUNTING

# For each unit of a QA stage the newest of the counting builds that finished it decides; of its pairs, those that passed
# verification there count. Pairs about segments that the newest cut of their clip does not have are gone. A video has one
# name and one split, those of the first manifest row that it has in the newest of them, so that equal bytes under two names
# are never in two splits; a backfill, which holds only some of its rows, names none that another build names.
_ACCEPTED = text(
    COUNTING  # noqa: S608 - both parts are constants
    + """
    , qa_stage AS (
        SELECT DISTINCT stage FROM stage_config WHERE emits = 'qa'
    ), decided AS (
        SELECT DISTINCT ON (unit.stage, unit.unit_id) unit.build_seq, unit.shard, unit.key
        FROM counting
        JOIN build_unit AS unit ON unit.build_seq = counting.seq AND unit.state IN ('done', 'dropped')
        JOIN qa_stage ON qa_stage.stage = unit.stage
        LEFT JOIN cut ON cut.build_seq = unit.build_seq AND cut.shard = unit.shard AND cut.clip_id = unit.clip_id
        WHERE cut.key IS NOT DISTINCT FROM cut.newest
        ORDER BY unit.stage, unit.unit_id, unit.build_seq DESC, unit.shard
    ), named AS (
        SELECT DISTINCT ON (clip.video) clip.video, seen.video_id, seen.split
        FROM counting
        JOIN build_row AS seen ON seen.build_seq = counting.seq
        JOIN clip ON clip.clip_id = seen.clip_id
        ORDER BY clip.video, counting.seq IN (SELECT build_seq FROM backfill), counting.seq DESC, seen.row_no
    )
    SELECT pair.qa_id, pair.task, pair.variant, pair.about, pair.start_ms, pair.end_ms, pair.question, pair.answer, pair.options,
           pair.evidence, pair.clip_id, encode(clip.video, 'hex') AS video_sha256, named.video_id, named.split
    FROM decided
    JOIN build_unit AS verified
        ON verified.build_seq = decided.build_seq AND verified.shard = decided.shard
        AND verified.stage = 'verify' AND verified.state = 'done'
    JOIN qa_pair AS pair ON pair.qa_id = verified.unit_id AND pair.result = decided.key
    JOIN clip ON clip.clip_id = pair.clip_id
    JOIN named ON named.video = clip.video
    ORDER BY pair.qa_id
    """
)

# Ordered by the distance from the pairs and by content, never by the order of arrival: published bytes show it.
_PROVENANCE = text(
    """
    WITH hops AS (
        SELECT * FROM hops(ARRAY(SELECT DISTINCT result FROM qa_pair WHERE qa_id = ANY(:qa_ids)))
    )
    SELECT stage, version, models, params, prompts, count(*) AS results
    FROM hops
    GROUP BY stage, version, models, params, prompts
    ORDER BY max(hop) DESC, stage, version, models::text, params::text, prompts::text
    """
)


def accepted_pairs(connection: Connection, dataset: str, build_seq: int) -> list[AcceptedPair]:
    """The cumulative accepted set of a dataset after a build, by qa id."""
    return [
        AcceptedPair(
            pair=QAPair(**{name: row[name] for name in QAPair.model_fields}),
            video_id=row["video_id"],
            video_sha256=row["video_sha256"],
            clip_id=row["clip_id"],
            split=row["split"],
        )
        for row in connection.execute(_ACCEPTED, {"dataset": dataset, "build_seq": build_seq}).mappings()
    ]


def provenance(connection: Connection, qa_ids: Sequence[str]) -> list[Provenance]:
    """The ways in which the results behind these pairs were made, from the source on."""
    return [Provenance(**row) for row in connection.execute(_PROVENANCE, {"qa_ids": list(qa_ids)}).mappings()]
