-- Where a question about a blast radius begins: the results that were made with something, themselves. What was made from
-- those results in turn, lineage.descendants tells.

DROP FUNCTION IF EXISTS lineage.made_with(text, text);
CREATE FUNCTION lineage.made_with(what text, name text) RETURNS SETOF bytea
LANGUAGE plpgsql STABLE ROWS 10000 SET random_page_cost = 1.1 AS $$
DECLARE
    configs integer[];
BEGIN
    IF what NOT IN ('prompt', 'model', 'video', 'stage') THEN
        RAISE 'made_with(%, ...): ask for a prompt, a model, a video or a stage', what USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- Apart, so that the planner knows which configurations they are, and by that how many results.
    configs := ARRAY(
        SELECT config.id FROM lineage.stage_config AS config
        WHERE CASE what
              WHEN 'prompt' THEN EXISTS (SELECT FROM jsonb_each_text(config.prompts) AS prompt WHERE prompt.value = name)
              WHEN 'model' THEN EXISTS (SELECT FROM jsonb_each_text(config.models) AS model WHERE model.value = name)
              WHEN 'stage' THEN config.stage || '=' || config.version = name
              ELSE config.emits = 'clip' END
    );
    IF what = 'video' THEN
        RETURN QUERY SELECT result.key FROM lineage.clip JOIN lineage.result ON result.unit_id = clip.clip_id
        WHERE clip.video = decode(name, 'hex') AND result.config_id = ANY (configs);
    ELSE
        RETURN QUERY SELECT result.key FROM lineage.result WHERE result.config_id = ANY (configs);
    END IF;
END $$;
COMMENT ON FUNCTION lineage.made_with IS
    'Keys of the results that were made with a prompt (its sha256), a model (id@revision), a version of a stage (caption=1), or that '
    'registered a video (its sha256): made_with(''model'', ''measured@1'').';
