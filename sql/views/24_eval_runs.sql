-- Evaluations: who answered which benchmark, how many questions ended how, and where report and predictions lie.

CREATE VIEW lineage.eval_runs AS
SELECT build.name AS run, build.state AS build_state, eval.benchmark, eval.benchmark_version, eval.model, eval.judges,
       coalesce((eval.counts ->> 'answered')::integer, 0) AS answered, coalesce((eval.counts ->> 'unparsed')::integer, 0) AS unparsed,
       coalesce((eval.counts ->> 'failed')::integer, 0) AS failed, coalesce((eval.counts ->> 'blocked')::integer, 0) AS blocked,
       coalesce((eval.counts ->> 'missing')::integer, 0) AS missing, eval.suspicious, eval.trained_on, eval.trained_on_number,
       encode(eval.report, 'hex') AS report_sha256, eval.report_path, eval.predictions_path, eval.scored_at
FROM lineage.eval_run AS eval
JOIN lineage.build ON build.seq = eval.build_seq;
COMMENT ON VIEW lineage.eval_runs IS 'Evaluations that were scored: questions by status, and where the report and the predictions lie.';
