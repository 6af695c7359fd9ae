-- Which versions hold each pair of the newest build, and where the versions lie in the store.
SELECT pair.qa_id, pair.task, held.dataset, held.number AS version, held.state, version.path
FROM lineage.of_build(NULL::lineage.build_pairs, (SELECT max(seq) FROM lineage.build), 20) AS pair
CROSS JOIN LATERAL (SELECT * FROM lineage.version_pairs WHERE version_pairs.qa_id = pair.qa_id OFFSET 0) AS held
JOIN lineage.dataset_version AS version ON version.dataset = held.dataset AND version.number = held.number
ORDER BY pair.qa_id, held.number
LIMIT 20;
