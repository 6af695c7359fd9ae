-- The results that were made from some results, however far down, and these themselves.

DROP FUNCTION IF EXISTS lineage.descendants(bytea[]);
CREATE FUNCTION lineage.descendants(keys bytea[]) RETURNS TABLE (key bytea)
LANGUAGE sql STABLE ROWS 10000 SET random_page_cost = 1.1 SET work_mem = '64MB' AS $$
    WITH RECURSIVE below (key) AS (
        SELECT unnest(keys)
        UNION
        SELECT edge.child FROM below JOIN lineage.edge ON edge.parent = below.key
    )
    SELECT below.key FROM below
$$;
COMMENT ON FUNCTION lineage.descendants IS 'Keys of the results that descend from these results, and of these themselves.';
