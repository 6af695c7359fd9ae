-- How models that were trained on versions of a dataset score, newest version first.
SELECT trained_on, trained_on_number, benchmark, model, measure, value, low, high, coverage, run
FROM lineage.eval_scores
WHERE trained_on IS NOT NULL AND task = 'all'
ORDER BY trained_on, trained_on_number DESC, benchmark, measure, model;
