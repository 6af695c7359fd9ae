-- The pairs that a build accepted. Ask for one build, a page at a time (ORDER BY qa_id LIMIT ...): an index has them in that order.
-- OFFSET 0 has each pair looked up by its id: a merge would read all pairs there are up to the page.
-- A pair stands in two shards where two manifest rows name the same window of the same bytes.

CREATE VIEW lineage.build_pairs AS
SELECT unit.build_seq, build.name AS build, build.dataset, unit.unit_id AS qa_id, pair.task, pair.variant, pair.clip_id, pair.start_ms,
       pair.end_ms, pair.question, pair.answer, pair.options, pair.evidence, encode(clip.video, 'hex') AS video_sha256
FROM lineage.build_unit AS unit
JOIN lineage.build ON build.seq = unit.build_seq
CROSS JOIN LATERAL (SELECT * FROM lineage.qa_pair WHERE qa_pair.qa_id = unit.unit_id OFFSET 0) AS pair
JOIN lineage.clip ON clip.clip_id = pair.clip_id
WHERE unit.stage = 'verify' AND unit.state = 'done' AND NOT EXISTS (
    SELECT FROM lineage.build_unit AS other
    WHERE other.build_seq = unit.build_seq AND other.unit_id = unit.unit_id AND other.stage = 'verify' AND other.state = 'done'
      AND other.shard < unit.shard
);
COMMENT ON VIEW lineage.build_pairs IS 'The pairs that passed verification in each build.';
