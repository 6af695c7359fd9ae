-- Accepted pairs of the newest build by task and split.
SELECT pair.task, seen.split, count(DISTINCT pair.qa_id) AS pairs, count(DISTINCT pair.clip_id) AS clips
FROM lineage.build_pairs AS pair
JOIN lineage.build_row AS seen ON seen.build_seq = pair.build_seq AND seen.clip_id = pair.clip_id
WHERE pair.build_seq = (SELECT max(seq) FROM lineage.build)
GROUP BY pair.task, seen.split
ORDER BY pair.task, seen.split;
