-- The pairs of each version of each dataset. Ask for a page at a time (qa_id > ... ORDER BY qa_id LIMIT ...).
-- OFFSET 0 has each pair looked up by its id: a merge would read all pairs there are up to the page.

CREATE VIEW lineage.version_pairs AS
SELECT version.dataset, version.number, version.state, held.qa_id, pair.task, pair.question, pair.answer
FROM lineage.dataset_version AS version
JOIN lineage.version_pair AS held
    ON held.dataset = version.dataset AND held.since <= version.number AND (held.until IS NULL OR held.until > version.number)
CROSS JOIN LATERAL (SELECT task, question, answer FROM lineage.qa_pair WHERE qa_pair.qa_id = held.qa_id OFFSET 0) AS pair;
COMMENT ON VIEW lineage.version_pairs IS 'Which pairs each version of a dataset holds.';
