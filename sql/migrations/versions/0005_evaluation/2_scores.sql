-- What evaluations came to.

CREATE TABLE eval_run (
    build_seq bigint NOT NULL,
    benchmark text COLLATE "C" NOT NULL,
    benchmark_version integer NOT NULL,
    model text COLLATE "C" NOT NULL,
    judges text[] NOT NULL,
    trained_on text COLLATE "C",
    trained_on_number integer,
    counts jsonb NOT NULL,
    suspicious integer NOT NULL,
    report bytea NOT NULL,
    report_path text NOT NULL,
    report_bytes bigint NOT NULL,
    predictions bytea NOT NULL,
    predictions_path text NOT NULL,
    predictions_bytes bigint NOT NULL,
    scored_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT eval_run_pkey PRIMARY KEY (build_seq),
    CONSTRAINT eval_run_build_seq_fkey FOREIGN KEY (build_seq) REFERENCES build (seq),
    CONSTRAINT eval_run_trained_on_fkey
        FOREIGN KEY (trained_on, trained_on_number) REFERENCES dataset_version (dataset, number)
);
CREATE INDEX eval_run_benchmark_model_idx ON eval_run (benchmark, model);
CREATE INDEX eval_run_trained_on_idx ON eval_run (trained_on, trained_on_number) WHERE trained_on IS NOT NULL;
COMMENT ON TABLE eval_run IS 'An evaluation that was scored: a build of a recipe eval_<benchmark>. Scoring it again takes the row''s place.';
COMMENT ON COLUMN eval_run.build_seq IS 'The build.';
COMMENT ON COLUMN eval_run.benchmark IS 'The benchmark.';
COMMENT ON COLUMN eval_run.benchmark_version IS 'Version of its loader, prompts, parsing and metrics.';
COMMENT ON COLUMN eval_run.model IS 'The model that was asked, id@revision.';
COMMENT ON COLUMN eval_run.judges IS 'The models that graded, id@revision; none where nothing is judged.';
COMMENT ON COLUMN eval_run.trained_on IS 'The dataset that the model was trained on, where somebody said so.';
COMMENT ON COLUMN eval_run.trained_on_number IS 'Which version of that dataset.';
COMMENT ON COLUMN eval_run.counts IS 'Questions by status: answered, unparsed, failed, blocked, missing.';
COMMENT ON COLUMN eval_run.suspicious IS 'Questions whose answer holds the reference answer and was graded lowest.';
COMMENT ON COLUMN eval_run.report IS 'sha256 of the report''s bytes: equal answers have equal reports.';
COMMENT ON COLUMN eval_run.report_path IS 'Where the report lies in the store, relative to its root.';
COMMENT ON COLUMN eval_run.report_bytes IS 'Size of the report.';
COMMENT ON COLUMN eval_run.predictions IS 'sha256 of the bytes of the file of predictions.';
COMMENT ON COLUMN eval_run.predictions_path IS 'Where the predictions lie in the store, a line a question.';
COMMENT ON COLUMN eval_run.predictions_bytes IS 'Size of the file of predictions.';
COMMENT ON COLUMN eval_run.scored_at IS 'When it was scored.';

CREATE TABLE eval_score (
    build_seq bigint NOT NULL,
    measure text COLLATE "C" NOT NULL,
    task text COLLATE "C" NOT NULL,
    value double precision,
    low double precision,
    high double precision,
    scored integer NOT NULL,
    total integer NOT NULL,
    videos integer NOT NULL,
    missing_as_zero double precision,
    legacy double precision,
    scale double precision NOT NULL,
    CONSTRAINT eval_score_pkey PRIMARY KEY (build_seq, measure, task),
    CONSTRAINT eval_score_build_seq_fkey FOREIGN KEY (build_seq) REFERENCES eval_run (build_seq)
);
COMMENT ON TABLE eval_score IS 'A metric of an evaluation over the questions of a task, or of all.';
COMMENT ON COLUMN eval_score.build_seq IS 'The evaluation.';
COMMENT ON COLUMN eval_score.measure IS 'The metric.';
COMMENT ON COLUMN eval_score.task IS 'The task that the benchmark reports by; all: every question.';
COMMENT ON COLUMN eval_score.value IS 'The mean over questions that have a value; NULL where none has.';
COMMENT ON COLUMN eval_score.low IS 'Lower end of the 95 % interval, clustered by video; NULL where there is none.';
COMMENT ON COLUMN eval_score.high IS 'Upper end of that interval.';
COMMENT ON COLUMN eval_score.scored IS 'Questions with a value.';
COMMENT ON COLUMN eval_score.total IS 'Questions that the metric applies to; scored / total is its coverage.';
COMMENT ON COLUMN eval_score.videos IS 'Videos among those scored: the clusters of the interval.';
COMMENT ON COLUMN eval_score.missing_as_zero IS 'The score if every question without a value counted 0.';
COMMENT ON COLUMN eval_score.legacy IS 'What the reference scorer prints, where it differs.';
COMMENT ON COLUMN eval_score.scale IS 'What values are multiplied by when they are shown.';
