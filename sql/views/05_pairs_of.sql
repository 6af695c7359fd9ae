-- The pairs that some results made, or said a verdict on. They are looked up by clip, of which pairs have an index.

DROP FUNCTION IF EXISTS lineage.pairs_of(bytea[]);
CREATE FUNCTION lineage.pairs_of(keys bytea[]) RETURNS TABLE (qa_id text, task text, clip_id text, made boolean)
LANGUAGE sql STABLE ROWS 10000 SET random_page_cost = 1.1 SET work_mem = '64MB' AS $$
    WITH asked AS MATERIALIZED (
        SELECT result.key, result.unit_id FROM (SELECT DISTINCT unnest(keys) AS key) AS given JOIN lineage.result ON result.key = given.key
    ), found AS (
        SELECT pair.qa_id, true AS made
        FROM (SELECT DISTINCT split_part(unit_id, '.', 1) COLLATE "C" AS clip_id FROM asked WHERE unit_id NOT LIKE 'qa\_%') AS within
        JOIN lineage.qa_pair AS pair ON pair.clip_id = within.clip_id
        JOIN asked ON asked.key = pair.result
        UNION ALL
        SELECT unit_id, false FROM asked WHERE unit_id LIKE 'qa\_%'
    )
    SELECT pair.qa_id, pair.task, pair.clip_id, found.made
    FROM (SELECT found.qa_id, bool_or(found.made) AS made FROM found GROUP BY found.qa_id) AS found
    JOIN lineage.qa_pair AS pair ON pair.qa_id = found.qa_id
$$;
COMMENT ON FUNCTION lineage.pairs_of IS
    'The pairs that these results made, or (made: false) only said a verdict on: give it what lineage.descendants finds.';
