-- The rows of a view that belong to one build, planned for that build alone. Where the build is not written as a number
-- (WHERE build_seq = (SELECT max(seq) ...)), PostgreSQL plans for the partitions of all builds, which takes longer than asking one.

DROP FUNCTION IF EXISTS lineage.of_build(anyelement, bigint, bigint);
CREATE FUNCTION lineage.of_build(shape anyelement, seq bigint, most bigint DEFAULT NULL) RETURNS SETOF anyelement
LANGUAGE plpgsql STABLE ROWS 50 SET random_page_cost = 1.1 AS $$
BEGIN
    RETURN QUERY EXECUTE format('SELECT * FROM %s WHERE build_seq = %L::bigint LIMIT %L', pg_typeof(shape), seq, most);
END $$;
COMMENT ON FUNCTION lineage.of_build IS
    'The rows of a view that belong to one build, at most so many: of_build(NULL::lineage.failed_items, 7).';
