-- What failed in the newest build, why, and which Airflow task tried it last.
SELECT stage, reason, error_class, count(*) AS units, min(message) AS example, min(dag_id || '/' || run_id || '/' || task_id) AS airflow
FROM lineage.of_build(NULL::lineage.failed_items, (SELECT max(seq) FROM lineage.build))
GROUP BY stage, reason, error_class
ORDER BY units DESC, stage, reason;
