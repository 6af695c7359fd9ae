"""Blast radius: the results, pairs and versions that descend from something, and what making them has cost."""

from sqlalchemy import text
from sqlalchemy.engine import Connection

from egoetl.lineage.impact_records import AffectedResult, AffectedVersion, CurrentVersion, Impact, StageImpact, What, total_of
from egoetl.lineage.impact_subject import find_subject

_STAGES = text("SELECT * FROM impact(:what, :name)")
_RESULTS = text(
    """
    WITH root AS MATERIALIZED (
        SELECT made.key FROM made_with(:what, :name) AS made (key)
    )
    SELECT encode(result.key, 'hex') AS key, config.stage, result.unit_id, root.key IS NOT NULL AS direct
    FROM descendants(ARRAY(SELECT key FROM root)) AS affected
    JOIN result ON result.key = affected.key
    JOIN stage_config AS config ON config.id = result.config_id
    LEFT JOIN root ON root.key = result.key
    ORDER BY root.key IS NULL, result.config_id, result.unit_id, result.key
    LIMIT :limit
    """
)
# Intervals of versions are counted before they are laid out over versions: a pair may be held by hundreds. A video has one split, that
# of its newest manifest row among the builds that counted for the version, as when the version was published.
_PAIRS = text(
    """
    WITH pair AS MATERIALIZED (
        SELECT * FROM pairs_of(ARRAY(SELECT key FROM descendants(ARRAY(SELECT made_with(:what, :name)))))
    ), held AS MATERIALIZED (
        SELECT pair.clip_id, held.dataset, held.since, held.until FROM pair JOIN version_pair AS held ON held.qa_id = pair.qa_id
    ), interval AS (
        SELECT dataset, since, until, count(*) AS pairs FROM held GROUP BY dataset, since, until
    ), holding AS (
        SELECT version.dataset, version.number, version.state, version.path, sum(interval.pairs)::integer AS pairs
        FROM interval
        JOIN dataset_version AS version
            ON version.dataset = interval.dataset AND interval.since <= version.number
            AND (interval.until IS NULL OR interval.until > version.number)
        GROUP BY version.dataset, version.number, version.state, version.path
    ), current AS (
        SELECT dataset, max(number) AS number FROM dataset_version WHERE state = 'published' GROUP BY dataset
    ), of_video AS (
        SELECT version.dataset, version.number, version.build_seq, clip.video, count(*) AS pairs
        FROM current
        JOIN dataset_version AS version ON version.dataset = current.dataset AND version.number = current.number
        JOIN held
            ON held.dataset = version.dataset AND held.since <= version.number AND (held.until IS NULL OR held.until > version.number)
        JOIN clip ON clip.clip_id = held.clip_id
        GROUP BY version.dataset, version.number, version.build_seq, clip.video
    ), of_split AS (
        SELECT of_video.dataset, of_video.number, named.split, sum(of_video.pairs)::integer AS pairs
        FROM of_video
        CROSS JOIN LATERAL (
            SELECT seen.split
            FROM clip
            JOIN build_row AS seen ON seen.clip_id = clip.clip_id
            JOIN build ON build.seq = seen.build_seq
            WHERE clip.video = of_video.video AND build.dataset = of_video.dataset AND build.seq <= of_video.build_seq
              AND 'publish' = ANY (build.stages) AND (build.state = 'succeeded' OR build.seq = of_video.build_seq)
            ORDER BY build.seq DESC, seen.row_no LIMIT 1
        ) AS named
        GROUP BY of_video.dataset, of_video.number, named.split
    ), by_version AS (
        SELECT dataset, number, jsonb_object_agg(split, pairs ORDER BY split) AS pairs FROM of_split GROUP BY dataset, number
    )
    SELECT (SELECT count(*) FROM pair WHERE made) AS made,
           (SELECT count(*) FROM pair WHERE NOT made) AS judged,
           ARRAY(SELECT qa_id FROM pair ORDER BY qa_id LIMIT :limit) AS qa_ids,
           (SELECT coalesce(jsonb_agg(to_jsonb(holding) ORDER BY dataset, number), '[]') FROM holding) AS versions,
           (SELECT coalesce(jsonb_agg(to_jsonb(by_version) ORDER BY dataset), '[]') FROM by_version) AS current
    """
)


def impact(connection: Connection, what: What, name: str, limit: int) -> Impact:
    """What hangs on a prompt, model, video or version of a stage; `limit` bounds the lists, never the counts. Raises CallerError."""
    subject = find_subject(connection, what, name)
    values = {"what": subject.what, "name": subject.name, "limit": limit}
    stages = tuple(StageImpact(**row) for row in connection.execute(_STAGES, values).mappings())
    pairs = connection.execute(_PAIRS, values).mappings().one()
    return Impact(
        subject=subject,
        stages=stages,
        total=total_of(stages),
        pairs_made=pairs["made"],
        pairs_judged=pairs["judged"],
        current=tuple(CurrentVersion(**each) for each in pairs["current"]),
        versions=tuple(AffectedVersion(**each) for each in pairs["versions"]),
        limit=limit,
        results=tuple(AffectedResult(**row) for row in connection.execute(_RESULTS, values).mappings()),
        qa_ids=tuple(pairs["qa_ids"]),
    )
