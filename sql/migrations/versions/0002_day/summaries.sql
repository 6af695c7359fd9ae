-- Summaries, so that no question about a build reads all its units or attempts.

-- By shard, as stage_count is: two shards never wait for each other's row.
CREATE TABLE shard_count (
    build_seq bigint NOT NULL,
    shard smallint NOT NULL,
    units integer NOT NULL,
    failed integer NOT NULL,
    pending integer NOT NULL,
    CONSTRAINT shard_count_pkey PRIMARY KEY (build_seq, shard)
) WITH (fillfactor = 50);
COMMENT ON TABLE shard_count IS 'Units of all stages of a shard, kept by a trigger: what a list of builds shows.';
COMMENT ON COLUMN shard_count.build_seq IS 'The build.';
COMMENT ON COLUMN shard_count.shard IS 'The shard; -1 for refused manifest rows.';
COMMENT ON COLUMN shard_count.units IS 'How many build_unit rows it has.';
COMMENT ON COLUMN shard_count.failed IS 'How many of them have failed.';
COMMENT ON COLUMN shard_count.pending IS 'How many of them are pending.';

CREATE TABLE clip_pairs (
    build_seq bigint NOT NULL,
    shard smallint NOT NULL,
    pairs integer NOT NULL,
    clip_id text COLLATE "C" NOT NULL,
    task text COLLATE "C" NOT NULL,
    CONSTRAINT clip_pairs_pkey PRIMARY KEY (build_seq, shard, clip_id, task)
) WITH (fillfactor = 50);
COMMENT ON TABLE clip_pairs IS 'Pairs that a build accepted, by clip and task, kept by a trigger.';
COMMENT ON COLUMN clip_pairs.build_seq IS 'The build.';
COMMENT ON COLUMN clip_pairs.shard IS 'The shard.';
COMMENT ON COLUMN clip_pairs.pairs IS 'How many pairs.';
COMMENT ON COLUMN clip_pairs.clip_id IS 'The clip.';
COMMENT ON COLUMN clip_pairs.task IS 'The QA task.';

CREATE TABLE usage_total (
    build_seq bigint NOT NULL,
    shard smallint NOT NULL,
    attempts integer NOT NULL,
    failed integer NOT NULL,
    requests bigint NOT NULL,
    prompt_tokens bigint,
    completion_tokens bigint,
    seconds double precision NOT NULL,
    stage text COLLATE "C" NOT NULL,
    model text COLLATE "C" NOT NULL,
    CONSTRAINT usage_total_pkey PRIMARY KEY (build_seq, shard, stage, model)
) WITH (fillfactor = 50);
COMMENT ON TABLE usage_total IS 'What the attempts of a shard''s stage asked of a model, kept by every commit.';
COMMENT ON COLUMN usage_total.build_seq IS 'The build.';
COMMENT ON COLUMN usage_total.shard IS 'The shard.';
COMMENT ON COLUMN usage_total.attempts IS 'Number of attempts.';
COMMENT ON COLUMN usage_total.failed IS 'How many of them failed.';
COMMENT ON COLUMN usage_total.requests IS 'Requests made of models.';
COMMENT ON COLUMN usage_total.prompt_tokens IS 'Tokens of the prompts; NULL where nobody counted.';
COMMENT ON COLUMN usage_total.completion_tokens IS 'Tokens of the replies; NULL where nobody counted.';
COMMENT ON COLUMN usage_total.seconds IS 'How long the attempts took together.';
COMMENT ON COLUMN usage_total.stage IS 'The stage.';
COMMENT ON COLUMN usage_total.model IS 'The models asked, id@revision; empty for a stage that asks none.';

-- The accepted pairs of a build in the order of their ids, a page at a time.
CREATE INDEX build_unit_pair_idx ON build_unit (unit_id) WHERE stage = 'verify' AND state = 'done';

CREATE OR REPLACE FUNCTION count_units() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    change lineage.stage_count[];
BEGIN
    -- Of the transition tables a statement has only its own may be named.
    IF TG_OP = 'INSERT' THEN
        change := ARRAY(
            SELECT (build_seq, stage, shard, state, count(*), count(*) FILTER (WHERE computed))::lineage.stage_count
            FROM new_rows GROUP BY build_seq, stage, shard, state);
    ELSIF TG_OP = 'DELETE' THEN
        change := ARRAY(
            SELECT (build_seq, stage, shard, state, -count(*), -count(*) FILTER (WHERE computed))::lineage.stage_count
            FROM old_rows GROUP BY build_seq, stage, shard, state);
    ELSE
        change := ARRAY(
            SELECT (build_seq, stage, shard, state, sum(units), sum(computed))::lineage.stage_count
            FROM (SELECT build_seq, stage, shard, state, 1 AS units, computed::integer AS computed FROM new_rows
                  UNION ALL
                  SELECT build_seq, stage, shard, state, -1, -computed::integer FROM old_rows) AS every
            GROUP BY build_seq, stage, shard, state HAVING sum(units) <> 0 OR sum(computed) <> 0);
    END IF;
    INSERT INTO lineage.stage_count AS kept SELECT * FROM unnest(change) ORDER BY build_seq, stage, shard, state
    ON CONFLICT (build_seq, stage, shard, state)
    DO UPDATE SET units = kept.units + EXCLUDED.units, computed = kept.computed + EXCLUDED.computed;
    INSERT INTO lineage.shard_count AS kept (build_seq, shard, units, failed, pending)
    SELECT build_seq, shard, sum(units), coalesce(sum(units) FILTER (WHERE state = 'failed'), 0),
           coalesce(sum(units) FILTER (WHERE state = 'pending'), 0)
    FROM unnest(change) GROUP BY build_seq, shard ORDER BY build_seq, shard
    ON CONFLICT (build_seq, shard)
    DO UPDATE SET units = kept.units + EXCLUDED.units, failed = kept.failed + EXCLUDED.failed, pending = kept.pending + EXCLUDED.pending;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION count_units IS 'Keep stage_count and shard_count equal to the rows of build_unit, once a statement.';

CREATE FUNCTION count_pairs() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    change lineage.clip_pairs[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        change := ARRAY(
            SELECT (unit.build_seq, unit.shard, count(*), pair.clip_id, pair.task)::lineage.clip_pairs
            FROM new_rows AS unit JOIN lineage.qa_pair AS pair ON pair.qa_id = unit.unit_id
            WHERE unit.stage = 'verify' AND unit.state = 'done' GROUP BY unit.build_seq, unit.shard, pair.clip_id, pair.task);
    ELSIF TG_OP = 'DELETE' THEN
        change := ARRAY(
            SELECT (unit.build_seq, unit.shard, -count(*), pair.clip_id, pair.task)::lineage.clip_pairs
            FROM old_rows AS unit JOIN lineage.qa_pair AS pair ON pair.qa_id = unit.unit_id
            WHERE unit.stage = 'verify' AND unit.state = 'done' GROUP BY unit.build_seq, unit.shard, pair.clip_id, pair.task);
    ELSE
        change := ARRAY(
            SELECT (unit.build_seq, unit.shard, sum(pairs), pair.clip_id, pair.task)::lineage.clip_pairs
            FROM (SELECT build_seq, shard, stage, state, unit_id, 1 AS pairs FROM new_rows
                  UNION ALL
                  SELECT build_seq, shard, stage, state, unit_id, -1 FROM old_rows) AS unit
            JOIN lineage.qa_pair AS pair ON pair.qa_id = unit.unit_id
            WHERE unit.stage = 'verify' AND unit.state = 'done'
            GROUP BY unit.build_seq, unit.shard, pair.clip_id, pair.task HAVING sum(pairs) <> 0);
    END IF;
    INSERT INTO lineage.clip_pairs AS kept SELECT * FROM unnest(change) ORDER BY build_seq, shard, clip_id, task
    ON CONFLICT (build_seq, shard, clip_id, task) DO UPDATE SET pairs = kept.pairs + EXCLUDED.pairs;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION count_pairs IS 'Keep clip_pairs equal to the accepted pairs among the rows of build_unit, once a statement.';

CREATE TRIGGER pairs_inserted AFTER INSERT ON build_unit
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION count_pairs();
CREATE TRIGGER pairs_updated AFTER UPDATE ON build_unit
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION count_pairs();
CREATE TRIGGER pairs_deleted AFTER DELETE ON build_unit
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION count_pairs();

-- What builds of the previous release have done.
INSERT INTO shard_count (build_seq, shard, units, failed, pending)
SELECT build_seq, shard, sum(units), coalesce(sum(units) FILTER (WHERE state = 'failed'), 0),
       coalesce(sum(units) FILTER (WHERE state = 'pending'), 0)
FROM stage_count GROUP BY build_seq, shard;
INSERT INTO clip_pairs (build_seq, shard, pairs, clip_id, task)
SELECT unit.build_seq, unit.shard, count(*), pair.clip_id, pair.task
FROM build_unit AS unit JOIN qa_pair AS pair ON pair.qa_id = unit.unit_id
WHERE unit.stage = 'verify' AND unit.state = 'done' GROUP BY unit.build_seq, unit.shard, pair.clip_id, pair.task;
INSERT INTO usage_total (build_seq, shard, attempts, failed, requests, prompt_tokens, completion_tokens, seconds, stage, model)
SELECT build_seq, shard, count(*), count(*) FILTER (WHERE state = 'failed'), sum(requests), sum(prompt_tokens), sum(completion_tokens),
       sum(seconds::double precision), stage, coalesce(model, '')
FROM attempt GROUP BY build_seq, shard, stage, coalesce(model, '');
