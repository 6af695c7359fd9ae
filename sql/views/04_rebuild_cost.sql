-- What making some results has cost, and so what making them again would, from the attempts that made exactly these: those of
-- the same build, stage and unit that took as many seconds as the result says. Nothing is estimated. Seconds are kept with a result;
-- requests and tokens only with its attempt, which goes with its build's. A result of `register` is that of a clip, its attempt that of
-- a manifest row.

DROP FUNCTION IF EXISTS lineage.rebuild_cost(bytea[]);
CREATE FUNCTION lineage.rebuild_cost(keys bytea[])
RETURNS TABLE (
    stage text, results bigint, seconds double precision, requests bigint, prompt_tokens bigint, completion_tokens bigint,
    without_attempt bigint, uncounted bigint
)
LANGUAGE sql STABLE ROWS 30 SET random_page_cost = 1.1 SET work_mem = '64MB' SET jit = off AS $$
    WITH made AS MATERIALIZED (
        SELECT result.key, config.stage, result.config_id, result.build_seq, result.seconds,
               coalesce(seen.row_no::text, result.unit_id) AS unit_id
        FROM (SELECT DISTINCT unnest(keys) AS key) AS asked
        JOIN lineage.result ON result.key = asked.key
        JOIN lineage.stage_config AS config ON config.id = result.config_id
        LEFT JOIN lineage.build_row AS seen
            ON seen.build_seq = result.build_seq AND seen.clip_id = CASE config.emits WHEN 'clip' THEN result.unit_id END
    ), known AS (
        SELECT DISTINCT ON (made.key) made.*, tried.number, tried.requests, tried.prompt_tokens, tried.completion_tokens
        FROM made
        LEFT JOIN lineage.attempt AS tried
            ON tried.build_seq = made.build_seq AND tried.stage = made.stage AND tried.unit_id = made.unit_id
            AND tried.seconds = made.seconds AND tried.state IN ('done', 'dropped')
        ORDER BY made.key, tried.number DESC NULLS LAST
    )
    SELECT known.stage, count(*), sum(known.seconds::double precision), sum(known.requests), sum(known.prompt_tokens),
           sum(known.completion_tokens), count(*) FILTER (WHERE known.number IS NULL),
           count(*) FILTER (WHERE known.requests > 0 AND (known.prompt_tokens IS NULL OR known.completion_tokens IS NULL))
    FROM known
    GROUP BY known.stage
    ORDER BY min(known.config_id), known.stage
$$;
COMMENT ON FUNCTION lineage.rebuild_cost IS
    'By stage, what making these results has cost: seconds as the results say, requests and tokens as their attempts do, NULL where nobody '
    'counted. without_attempt: results whose attempt is gone with its build; uncounted: those whose tokens nobody counted, though a '
    'model was asked. Both are missing in the sums.';
