-- Where the time of the newest build went, by stage and model.
SELECT stage, model, attempts, failed, requests, prompt_tokens, completion_tokens, seconds
FROM lineage.model_usage
WHERE build_seq = (SELECT max(seq) FROM lineage.build)
ORDER BY seconds DESC;
