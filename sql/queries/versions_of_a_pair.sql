-- Which versions hold each pair of the newest build, and where the versions lie in the store.
SELECT pair.qa_id, pair.task, held.dataset, held.number AS version, held.state, version.path
FROM lineage.build_pairs AS pair
JOIN lineage.version_pairs AS held ON held.qa_id = pair.qa_id
JOIN lineage.dataset_version AS version ON version.dataset = held.dataset AND version.number = held.number
WHERE pair.build_seq = (SELECT max(seq) FROM lineage.build)
ORDER BY pair.qa_id, held.number
LIMIT 20;
