-- Accepted pairs of the newest build by task and split.
SELECT accepted.task, seen.split, sum(accepted.pairs) AS pairs, count(*) AS clips
FROM (SELECT build_seq, clip_id, task, max(pairs) AS pairs FROM lineage.clip_pairs WHERE pairs > 0 GROUP BY build_seq, clip_id, task)
    AS accepted
JOIN (SELECT DISTINCT build_seq, clip_id, split FROM lineage.build_row) AS seen USING (build_seq, clip_id)
WHERE accepted.build_seq = (SELECT max(seq) FROM lineage.build)
GROUP BY accepted.task, seen.split
ORDER BY accepted.task, seen.split;
