-- Partitions of replies beside those of attempts, also for builds of the previous release that go on.

CREATE OR REPLACE FUNCTION ensure_partitions(first_build bigint, ahead integer DEFAULT 3) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, lineage, pg_temp AS $$
-- One partition a build and table. Attaching a finished table, unlike CREATE ... PARTITION OF, lets the commits of
-- other builds go on meanwhile.
DECLARE
    parent text;
    child text;
    newest bigint := (SELECT coalesce(max(seq), 0) FROM lineage.build);
BEGIN
    IF first_build NOT BETWEEN 1 AND newest + 1000 OR ahead NOT BETWEEN 0 AND 1000 THEN
        RAISE EXCEPTION 'no partitions for builds % to %, the newest is build %', first_build, first_build + ahead, newest
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('lineage.ensure_partitions'));
    FOR seq IN first_build .. first_build + ahead LOOP
        FOREACH parent IN ARRAY ARRAY['build_unit', 'attempt', 'reply'] LOOP
            child := parent || '_b' || seq;
            CONTINUE WHEN to_regclass('lineage.' || child) IS NOT NULL;
            EXECUTE format('CREATE TABLE lineage.%I (LIKE lineage.%I INCLUDING ALL)', child, parent);
            EXECUTE format('COMMENT ON TABLE lineage.%I IS %L', child, 'Rows of ' || parent || ' of build ' || seq || '.');
            EXECUTE format('ALTER TABLE lineage.%I ATTACH PARTITION lineage.%I FOR VALUES FROM (%s) TO (%s)', parent, child, seq, seq + 1);
        END LOOP;
    END LOOP;
END $$;
COMMENT ON FUNCTION ensure_partitions IS 'Make the partitions of a build and of the next few, where they are missing; with the owner''s rights.';

DO $$
DECLARE
    child name;
BEGIN
    FOR child IN
        SELECT partition.relname FROM pg_inherits JOIN pg_class AS partition ON partition.oid = inhrelid
        WHERE inhparent = 'lineage.attempt'::regclass ORDER BY partition.oid
    LOOP
        PERFORM lineage.ensure_partitions(replace(child, 'attempt_b', '')::bigint, 0);
    END LOOP;
END $$;
