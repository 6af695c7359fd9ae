-- One QA pair back to its source file: a row a hop, the file's bytes last.
-- Ask for one pair (WHERE qa_id = ...): each is followed anew.

CREATE VIEW lineage.qa_lineage AS
SELECT pair.qa_id, hops.hop, hops.stage, hops.version AS stage_version, hops.unit_id, encode(hops.key, 'hex') AS key, hops.models,
       hops.params, hops.prompts, hops.decoder, hops.seed, hops.seconds, hops.build_seq, hops.created_at, hops.part, hops.part_row
FROM lineage.qa_pair AS pair
CROSS JOIN LATERAL lineage.hops(ARRAY[pair.result]) AS hops
UNION ALL
SELECT pair.qa_id, NULL, 'source file', NULL, encode(clip.video, 'hex'), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM lineage.qa_pair AS pair
JOIN lineage.clip ON clip.clip_id = pair.clip_id;
COMMENT ON VIEW lineage.qa_lineage IS
    'Everything that a QA pair was made from: stage, unit, models, parameters, prompt hashes and seconds by hop, then the sha256 of the source.';
