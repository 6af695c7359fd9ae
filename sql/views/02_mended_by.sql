-- Which later build has settled a unit that stands failed, blocked or pending: the first of the dataset that succeeded (or `also`,
-- which is about to) and has the unit's clip, where the unit is finished or exists no more. Builds are looked for first, and units only
-- in those: most failures have no later build, and then no partition is opened. Asked for thousands of units, planning each anew would
-- take eight times as long.

DROP FUNCTION IF EXISTS lineage.mended_by(bigint, text, lineage.unit_kind, text, text, bigint);
CREATE FUNCTION lineage.mended_by(
    build bigint, stage text, kind lineage.unit_kind, unit text, clip text, also bigint DEFAULT NULL
) RETURNS text LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    place record;
BEGIN
    FOR place IN
        SELECT later.seq, later.name, seen.shard, seen.unit_id
        FROM (
            SELECT seen.build_seq, seen.shard, mended_by.unit AS unit_id FROM lineage.build_row AS seen
            WHERE kind <> 'row' AND seen.clip_id = clip
            UNION ALL
            SELECT seen.build_seq, seen.shard, seen.row_no::text
            FROM lineage.build_row AS own
            JOIN lineage.build_row AS seen ON (seen.video_id, seen.start_ms, seen.end_ms) = (own.video_id, own.start_ms, own.end_ms)
            WHERE kind = 'row' AND own.build_seq = mended_by.build AND own.row_no::text = mended_by.unit
        ) AS seen
        JOIN lineage.build AS later ON later.seq = seen.build_seq
        JOIN lineage.build AS own ON own.seq = mended_by.build AND own.dataset = later.dataset
        WHERE later.seq > mended_by.build AND 'publish' = ANY (later.stages) AND (later.state = 'succeeded' OR later.seq = also)
        ORDER BY later.seq
    LOOP
        IF NOT EXISTS (
            SELECT FROM lineage.build_unit AS now
            WHERE now.build_seq = place.seq AND now.stage = mended_by.stage AND now.shard = place.shard AND now.unit_id = place.unit_id
              AND now.state NOT IN ('done', 'dropped')
        ) THEN
            RETURN place.name;
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION lineage.mended_by IS
    'The first later build of the dataset that has succeeded and in which this unit is finished or gone: its name, or NULL.';
