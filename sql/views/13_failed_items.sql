-- What failed, with the last try at it, and the later build that has mended it. Refused manifest rows have neither.

CREATE VIEW lineage.failed_items AS
SELECT unit.build_seq, build.name AS build, unit.stage, unit.unit_kind, unit.unit_id, unit.clip_id, unit.shard, unit.reason,
       unit.error_class, unit.message, unit.attempts, last.ended_at, last.model, worker.dag_id, worker.run_id, worker.task_id,
       worker.map_index, worker.try_number, worker.host, worker.pid,
       lineage.mended_by(unit.build_seq, unit.stage, unit.unit_kind, unit.unit_id, unit.clip_id) AS mended_by
FROM lineage.build_unit AS unit
JOIN lineage.build ON build.seq = unit.build_seq
LEFT JOIN lineage.attempt AS last
    ON last.build_seq = unit.build_seq AND last.unit_id = unit.unit_id AND last.stage = unit.stage AND last.shard = unit.shard
    AND last.number = unit.attempts
LEFT JOIN lineage.worker ON worker.id = last.worker_id
WHERE unit.state = 'failed';
COMMENT ON VIEW lineage.failed_items IS
    'Failed units of every build, refused manifest rows included, with reason, number of attempts, the Airflow coordinates of the last, and the later build that has mended it (NULL: outstanding).';
