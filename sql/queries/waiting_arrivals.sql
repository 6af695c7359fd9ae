-- What has arrived and waits for its first build, and what came without a video, by dataset and day.
SELECT dataset, night::text AS day, 'waits for its build' AS what, count(*) AS files, sum(clips) AS clips,
       round(sum(duration_ms) / 3600000.0, 2) AS hours
FROM lineage.arrived_videos
WHERE builds = 0
GROUP BY dataset, night
UNION ALL
SELECT dataset, seen_at::date::text, reason, count(*), NULL, NULL
FROM lineage.arrival
WHERE state IN ('refused', 'waiting')
GROUP BY dataset, seen_at::date, reason
ORDER BY dataset, day, what;
