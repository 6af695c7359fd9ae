-- The pairs of each version of each dataset.

CREATE VIEW lineage.version_pairs AS
SELECT version.dataset, version.number, version.state, held.qa_id, pair.task, pair.question, pair.answer
FROM lineage.dataset_version AS version
JOIN lineage.version_pair AS held
    ON held.dataset = version.dataset AND held.since <= version.number AND (held.until IS NULL OR held.until > version.number)
JOIN lineage.qa_pair AS pair ON pair.qa_id = held.qa_id;
COMMENT ON VIEW lineage.version_pairs IS 'Which pairs each version of a dataset holds.';
