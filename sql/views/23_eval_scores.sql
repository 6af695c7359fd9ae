-- What evaluations came to: a row a run, metric and task, with the version of the dataset that the model was trained on.

CREATE VIEW lineage.eval_scores AS
SELECT build.name AS run, eval.benchmark, eval.benchmark_version, eval.model, eval.judges, score.measure, score.task,
       score.value * score.scale AS value, score.low * score.scale AS low, score.high * score.scale AS high,
       score.scored, score.total, round(score.scored::numeric / nullif(score.total, 0), 4) AS coverage, score.videos,
       score.missing_as_zero * score.scale AS missing_as_zero, score.legacy * score.scale AS legacy,
       eval.trained_on, eval.trained_on_number, version.state AS trained_on_state, version.path AS trained_on_path,
       build.state AS build_state, eval.scored_at
FROM lineage.eval_score AS score
JOIN lineage.eval_run AS eval USING (build_seq)
JOIN lineage.build ON build.seq = eval.build_seq
LEFT JOIN lineage.dataset_version AS version ON version.dataset = eval.trained_on AND version.number = eval.trained_on_number;
COMMENT ON VIEW lineage.eval_scores IS
    'Scores of evaluations as they are shown, with interval and coverage, and the dataset version that the model was trained on.';
