"""Which builds count for a dataset's versions, and which cut of each clip: where every question about a version begins."""

# Builds that came through the gate with a version count, those that a backfill has made whole, and the one that publishes:
# half a build takes nothing out.
COUNTING = """
    WITH counting AS (
        SELECT seq FROM build
        WHERE dataset = :dataset AND 'publish' = ANY (stages) AND (
            state = 'succeeded' OR seq = :build_seq
            OR state <> 'dropped' AND EXISTS (
                SELECT FROM backfill_build AS link JOIN build AS mending ON mending.seq = link.build_seq
                WHERE link.mends_seq = build.seq AND link.whole AND (mending.state = 'succeeded' OR mending.seq = :build_seq)
            )
        )
    ), cut AS (
        SELECT unit.build_seq, unit.shard, unit.unit_id AS clip_id, unit.key,
               first_value(unit.key) OVER (PARTITION BY unit.unit_id ORDER BY unit.build_seq DESC, unit.shard) AS newest
        FROM counting
        JOIN build_unit AS unit ON unit.build_seq = counting.seq AND unit.state = 'done'
        WHERE unit.stage IN (SELECT stage FROM stage_config WHERE emits = 'segment')
    )
"""
"""Common table expressions `counting` (seq) and `cut` (build_seq, shard, clip_id, key, newest), for :dataset and :build_seq."""
