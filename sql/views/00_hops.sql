-- The results that some results were made from, hop by hop, themselves first. A result that is reached on several
-- ways stands at its longest, so that every result comes after all that were made from it.

DROP FUNCTION IF EXISTS lineage.hops(bytea[]);
CREATE FUNCTION lineage.hops(keys bytea[])
RETURNS TABLE (
    hop integer, key bytea, stage text, version smallint, unit_id text, models jsonb, params jsonb, prompts jsonb, decoder text,
    seed bigint, seconds real, build_seq bigint, created_at timestamptz, part text, part_row integer
)
LANGUAGE sql STABLE AS $$
    WITH RECURSIVE chain (key, hop) AS (
        SELECT unnest(keys), 0
        UNION
        SELECT edge.parent, chain.hop + 1 FROM chain JOIN lineage.edge ON edge.child = chain.key
    ), longest AS (
        SELECT chain.key, max(chain.hop) AS hop FROM chain GROUP BY chain.key
    )
    SELECT longest.hop, result.key, config.stage, config.version, result.unit_id, config.models, config.params, config.prompts,
           config.decoder, config.seed, result.seconds, result.build_seq, result.created_at, part.path, result.part_row
    FROM longest
    JOIN lineage.result ON result.key = longest.key
    JOIN lineage.stage_config AS config ON config.id = result.config_id
    LEFT JOIN lineage.part ON part.id = result.part_id
$$;
COMMENT ON FUNCTION lineage.hops IS 'The results that these results were made from, hop by hop, themselves first (hop 0).';
