-- What stands failed, with the last try at it. Refused manifest rows have none.

CREATE VIEW lineage.failed_items AS
SELECT unit.build_seq, build.name AS build, unit.stage, unit.unit_kind, unit.unit_id, unit.clip_id, unit.shard, unit.reason,
       unit.error_class, unit.message, unit.attempts, last.ended_at, last.model, worker.dag_id, worker.run_id, worker.task_id,
       worker.map_index, worker.try_number, worker.host, worker.pid
FROM lineage.build_unit AS unit
JOIN lineage.build ON build.seq = unit.build_seq
LEFT JOIN LATERAL (
    SELECT attempt.worker_id, attempt.ended_at, attempt.model
    FROM lineage.attempt
    WHERE attempt.build_seq = unit.build_seq AND attempt.stage = unit.stage AND attempt.shard = unit.shard
      AND attempt.unit_id = unit.unit_id
    ORDER BY attempt.number DESC
    LIMIT 1
) AS last ON true
LEFT JOIN lineage.worker ON worker.id = last.worker_id
WHERE unit.state = 'failed';
COMMENT ON VIEW lineage.failed_items IS
    'Failed units of every build, refused manifest rows included, with reason, number of attempts and the Airflow coordinates of the last.';
