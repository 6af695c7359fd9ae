-- The funnel of the newest build: how many units each stage had, and what became of them.
SELECT stage, total, done, dropped, failed, blocked, pending, computed, reused
FROM lineage.build_progress
WHERE build_seq = (SELECT max(seq) FROM lineage.build)
ORDER BY position;
