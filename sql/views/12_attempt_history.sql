-- Every try at every unit, with the process and the place in Airflow.

CREATE VIEW lineage.attempt_history AS
SELECT attempt.build_seq, build.name AS build, attempt.stage, attempt.unit_kind, attempt.unit_id, attempt.shard, attempt.number,
       attempt.state, attempt.reason, attempt.error_class, attempt.message, attempt.model, attempt.requests, attempt.prompt_tokens,
       attempt.completion_tokens, attempt.seconds, attempt.ended_at - attempt.seconds * interval '1 second' AS started_at,
       attempt.ended_at, worker.dag_id, worker.run_id, worker.task_id, worker.map_index, worker.try_number, worker.host, worker.pid
FROM lineage.attempt
JOIN lineage.build ON build.seq = attempt.build_seq
JOIN lineage.worker ON worker.id = attempt.worker_id;
COMMENT ON VIEW lineage.attempt_history IS
    'Every try at every unit, with what it asked of models, the process that tried, and where in Airflow that ran.';
