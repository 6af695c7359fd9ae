-- One accepted pair of the newest build that has any, back to the bytes of its source file.
SELECT hop, stage, unit_id, models, prompts, round(seconds::numeric, 3) AS seconds, left(key, 12) AS key
FROM lineage.qa_lineage
WHERE qa_id = (
    SELECT qa_id FROM lineage.of_build(NULL::lineage.build_pairs, (SELECT max(build_seq) FROM lineage.clip_pairs WHERE pairs > 0), 1)
)
ORDER BY hop NULLS LAST, unit_id;
