-- What each stage of each build asked of its models. Reads totals, never attempts.

CREATE VIEW lineage.model_usage AS
SELECT total.build_seq, build.name AS build, total.stage, nullif(total.model, '') AS model, sum(total.attempts)::integer AS attempts,
       sum(total.failed)::integer AS failed, sum(total.requests)::bigint AS requests, sum(total.prompt_tokens)::bigint AS prompt_tokens,
       sum(total.completion_tokens)::bigint AS completion_tokens, round(sum(total.seconds)::numeric, 1) AS seconds
FROM lineage.usage_total AS total
JOIN lineage.build ON build.seq = total.build_seq
GROUP BY total.build_seq, build.name, total.stage, total.model;
COMMENT ON VIEW lineage.model_usage IS 'Attempts, requests, tokens and seconds by build, stage and model.';
