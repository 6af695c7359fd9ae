-- Who may do what in the schema `lineage`. `egoetl db roles` and every `egoetl db upgrade` run this as the schema's owner, so that
-- it holds for tables that came since. A table that is not named here is covered: analysts read it, workers read and write its rows.

REVOKE ALL ON SCHEMA lineage FROM PUBLIC, egoetl_writer, egoetl_reader;
REVOKE ALL ON ALL TABLES IN SCHEMA lineage FROM PUBLIC, egoetl_writer, egoetl_reader;
REVOKE ALL ON ALL ROUTINES IN SCHEMA lineage FROM PUBLIC, egoetl_writer, egoetl_reader;

GRANT USAGE ON SCHEMA lineage TO egoetl_writer, egoetl_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA lineage TO egoetl_writer, egoetl_reader;
-- Tables that are made between two upgrades, such as partitions, can be read at once. Nobody but their owner writes into a
-- partition itself: its rows would not be counted.
ALTER DEFAULT PRIVILEGES IN SCHEMA lineage GRANT SELECT ON TABLES TO egoetl_writer, egoetl_reader;

DO $$
DECLARE
    name text;
BEGIN
    FOR name IN
        SELECT oid::regclass FROM pg_class
        WHERE relnamespace = 'lineage'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition AND relname <> 'alembic_version'
    LOOP
        EXECUTE format('GRANT INSERT, UPDATE, DELETE ON %s TO egoetl_writer', name);
    END LOOP;
    -- A function that runs with its caller's rights gives nobody more than they have.
    FOR name IN
        SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'lineage'::regnamespace AND NOT prosecdef AND prorettype <> 'trigger'::regtype
    LOOP
        EXECUTE format('GRANT EXECUTE ON ROUTINE %s TO egoetl_writer, egoetl_reader', name);
    END LOOP;
END $$;

-- What was made and what happened is added to by workers, and never changed.
REVOKE UPDATE, DELETE ON
    lineage.artifact, lineage.attempt, lineage.clip, lineage.edge, lineage.part, lineage.prompt, lineage.qa_pair,
    lineage.registered_row, lineage.reply, lineage.reply_part, lineage.result, lineage.segment, lineage.stage_config, lineage.video, lineage.worker,
    lineage.arrival_clip, lineage.arrival_video, lineage.backfill, lineage.superseded_result
FROM egoetl_writer;

-- Counts are kept by triggers, which run with the owner's rights.
REVOKE INSERT, UPDATE, DELETE ON lineage.clip_pairs, lineage.shard_count, lineage.stage_count FROM egoetl_writer;

-- Withdrawing a video is the owner's: workers only see what was withdrawn.
REVOKE INSERT, UPDATE, DELETE ON lineage.doomed_file, lineage.tombstone FROM egoetl_writer;

-- Of these only what changes while a build goes on.
REVOKE DELETE ON lineage.build_unit, lineage.shard_lease, lineage.usage_total FROM egoetl_writer;
REVOKE UPDATE, DELETE ON
    lineage.backfill_build, lineage.build, lineage.build_row, lineage.dataset_version, lineage.version_left_out, lineage.version_pair
FROM egoetl_writer;
GRANT UPDATE (whole) ON lineage.backfill_build TO egoetl_writer;
GRANT UPDATE (state, version, finished_at) ON lineage.build TO egoetl_writer;
GRANT UPDATE (clip_id) ON lineage.build_row TO egoetl_writer;
GRANT UPDATE (emits) ON lineage.stage_config TO egoetl_writer;
GRANT UPDATE (state, left_out) ON lineage.dataset_version TO egoetl_writer;
GRANT UPDATE (until), DELETE ON lineage.version_left_out TO egoetl_writer;
GRANT UPDATE (until) ON lineage.version_pair TO egoetl_writer;

-- The one thing that a worker needs and only the owner can do; it makes what a planned build needs and nothing else.
GRANT EXECUTE ON FUNCTION lineage.ensure_partitions TO egoetl_writer;
