-- Partitions made ahead, and the counts of units by state.

CREATE FUNCTION ensure_partitions(first_build bigint, ahead integer DEFAULT 3) RETURNS void LANGUAGE plpgsql AS $$
-- One partition a build and table. Attaching a finished table, unlike CREATE ... PARTITION OF, lets the commits of
-- other builds go on meanwhile.
DECLARE
    parent text;
    child text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('lineage.ensure_partitions'));
    FOR seq IN first_build .. first_build + ahead LOOP
        FOREACH parent IN ARRAY ARRAY['build_unit', 'attempt'] LOOP
            child := parent || '_b' || seq;
            CONTINUE WHEN to_regclass('lineage.' || child) IS NOT NULL;
            EXECUTE format('CREATE TABLE lineage.%I (LIKE lineage.%I INCLUDING ALL)', child, parent);
            EXECUTE format('COMMENT ON TABLE lineage.%I IS %L', child, 'Rows of ' || parent || ' of build ' || seq || '.');
            EXECUTE format('ALTER TABLE lineage.%I ATTACH PARTITION lineage.%I FOR VALUES FROM (%s) TO (%s)', parent, child, seq, seq + 1);
        END LOOP;
    END LOOP;
END $$;
COMMENT ON FUNCTION ensure_partitions IS 'Make the partitions of a build and of the next few, where they are missing.';

CREATE FUNCTION count_units() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO lineage.stage_count AS kept (build_seq, stage, shard, state, units, computed)
        SELECT build_seq, stage, shard, state, count(*), count(*) FILTER (WHERE computed)
        FROM new_rows GROUP BY build_seq, stage, shard, state ORDER BY build_seq, stage, shard, state
        ON CONFLICT (build_seq, stage, shard, state)
        DO UPDATE SET units = kept.units + EXCLUDED.units, computed = kept.computed + EXCLUDED.computed;
    ELSIF TG_OP = 'DELETE' THEN
        UPDATE lineage.stage_count AS kept
        SET units = kept.units - gone.units, computed = kept.computed - gone.computed
        FROM (SELECT build_seq, stage, shard, state, count(*) AS units, count(*) FILTER (WHERE computed) AS computed
              FROM old_rows GROUP BY build_seq, stage, shard, state) AS gone
        WHERE (kept.build_seq, kept.stage, kept.shard, kept.state) = (gone.build_seq, gone.stage, gone.shard, gone.state);
    ELSE
        INSERT INTO lineage.stage_count AS kept (build_seq, stage, shard, state, units, computed)
        SELECT build_seq, stage, shard, state, sum(units), sum(computed)
        FROM (SELECT build_seq, stage, shard, state, 1 AS units, computed::integer AS computed FROM new_rows
              UNION ALL
              SELECT build_seq, stage, shard, state, -1, -computed::integer FROM old_rows) AS change
        GROUP BY build_seq, stage, shard, state HAVING sum(units) <> 0 OR sum(computed) <> 0
        ORDER BY build_seq, stage, shard, state
        ON CONFLICT (build_seq, stage, shard, state)
        DO UPDATE SET units = kept.units + EXCLUDED.units, computed = kept.computed + EXCLUDED.computed;
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION count_units IS 'Keep stage_count equal to the rows of build_unit, once a statement.';

-- They fire for statements on the parent, so nothing may COPY or write into a partition itself.
CREATE TRIGGER count_inserted AFTER INSERT ON build_unit
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION count_units();
CREATE TRIGGER count_updated AFTER UPDATE ON build_unit
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION count_units();
CREATE TRIGGER count_deleted AFTER DELETE ON build_unit
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION count_units();

SELECT ensure_partitions(1);
