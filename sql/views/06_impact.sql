-- A blast radius by stage. Its pairs: lineage.pairs_of(ARRAY(SELECT key FROM lineage.descendants(ARRAY(SELECT lineage.made_with(...))))).

DROP FUNCTION IF EXISTS lineage.impact(text, text);
CREATE FUNCTION lineage.impact(what text, name text)
RETURNS TABLE (
    stage text, direct bigint, below bigint, seconds double precision, requests bigint, prompt_tokens bigint, completion_tokens bigint,
    without_attempt bigint, uncounted bigint
)
LANGUAGE sql STABLE ROWS 30 SET random_page_cost = 1.1 AS $$
    WITH root AS MATERIALIZED (
        SELECT array_agg(root.key) AS keys FROM lineage.made_with(what, name) AS root (key)
    ), affected AS MATERIALIZED (
        SELECT array_agg(below.key) AS keys FROM root CROSS JOIN LATERAL lineage.descendants(root.keys) AS below
    ), direct AS (
        SELECT config.stage, count(*) AS results
        FROM (SELECT unnest(root.keys) AS key FROM root) AS own
        JOIN lineage.result ON result.key = own.key
        JOIN lineage.stage_config AS config ON config.id = result.config_id
        GROUP BY config.stage
    )
    SELECT cost.stage, coalesce(direct.results, 0), cost.results - coalesce(direct.results, 0), cost.seconds, cost.requests,
           cost.prompt_tokens, cost.completion_tokens, cost.without_attempt, cost.uncounted
    FROM affected
    CROSS JOIN LATERAL lineage.rebuild_cost(affected.keys) WITH ORDINALITY AS cost
    LEFT JOIN direct ON direct.stage = cost.stage
    ORDER BY cost.ordinality
$$;
COMMENT ON FUNCTION lineage.impact IS
    'What hangs on a prompt, model, video or version of a stage (named as for lineage.made_with), by stage: results made with it, '
    'results below those, and what making all of them has cost, as in lineage.rebuild_cost.';
