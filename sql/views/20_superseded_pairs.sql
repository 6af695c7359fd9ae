-- Pairs whose QA result a backfill has replaced, and the result in its place.

CREATE VIEW lineage.superseded_pairs AS
SELECT pair.qa_id, pair.task, pair.clip_id, past.stage, past.unit_id, past.build_seq, build.name AS superseded_by,
       encode(past.old, 'hex') AS old_result, encode(past.new, 'hex') AS new_result,
       (SELECT array_agg(fresh.qa_id ORDER BY fresh.qa_id) FROM lineage.qa_pair AS fresh
        WHERE fresh.clip_id = pair.clip_id AND fresh.result = past.new) AS new_qa_ids
FROM lineage.superseded_result AS past
JOIN lineage.build ON build.seq = past.build_seq
JOIN lineage.qa_pair AS pair ON pair.clip_id = past.clip_id AND pair.result = past.old;
COMMENT ON VIEW lineage.superseded_pairs IS
    'Pairs whose QA result a backfill has replaced: by which build, and the pairs that the result in its place holds.';
