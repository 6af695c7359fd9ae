-- What each stage of each build asked of its models.

CREATE VIEW lineage.model_usage AS
SELECT attempt.build_seq, build.name AS build, attempt.stage, attempt.model, count(*)::integer AS attempts,
       (count(*) FILTER (WHERE attempt.state = 'failed'))::integer AS failed, sum(attempt.requests) AS requests,
       sum(attempt.prompt_tokens) AS prompt_tokens, sum(attempt.completion_tokens) AS completion_tokens,
       round(sum(attempt.seconds)::numeric, 1) AS seconds
FROM lineage.attempt
JOIN lineage.build ON build.seq = attempt.build_seq
GROUP BY attempt.build_seq, build.name, attempt.stage, attempt.model;
COMMENT ON VIEW lineage.model_usage IS 'Attempts, requests, tokens and seconds by build, stage and model.';
