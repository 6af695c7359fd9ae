-- Published versions of datasets, and which pairs each holds.

CREATE TABLE dataset_version (
    dataset text COLLATE "C" NOT NULL,
    number integer NOT NULL,
    build_seq bigint NOT NULL,
    manifest_sha256 bytea NOT NULL,
    path text NOT NULL,
    state version_state NOT NULL,
    counts jsonb NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT dataset_version_pkey PRIMARY KEY (dataset, number),
    CONSTRAINT dataset_version_build_seq_fkey FOREIGN KEY (build_seq) REFERENCES build (seq)
);
CREATE INDEX dataset_version_build_seq_idx ON dataset_version (build_seq);
COMMENT ON TABLE dataset_version IS 'The cumulative accepted set of a dataset after a build.';
COMMENT ON COLUMN dataset_version.dataset IS 'The dataset.';
COMMENT ON COLUMN dataset_version.number IS '1, 2, 3 and so on.';
COMMENT ON COLUMN dataset_version.build_seq IS 'The build after which it was made.';
COMMENT ON COLUMN dataset_version.manifest_sha256 IS 'sha256 of the version''s manifest: equal sets have equal ones.';
COMMENT ON COLUMN dataset_version.path IS 'Where it lies in the store, relative to its root.';
COMMENT ON COLUMN dataset_version.state IS 'candidate until the gate lets it pass; superseded by a later one.';
COMMENT ON COLUMN dataset_version.counts IS 'Pairs by split and task.';
COMMENT ON COLUMN dataset_version.created_at IS 'When it was recorded.';

CREATE TABLE version_pair (
    qa_id text COLLATE "C" NOT NULL,
    dataset text COLLATE "C" NOT NULL,
    since integer NOT NULL,
    until integer,
    CONSTRAINT version_pair_pkey PRIMARY KEY (qa_id, dataset, since),
    CONSTRAINT version_pair_dataset_fkey FOREIGN KEY (dataset, since) REFERENCES dataset_version (dataset, number)
);
CREATE INDEX version_pair_dataset_idx ON version_pair (dataset) WHERE until IS NULL;
COMMENT ON TABLE version_pair IS 'Which versions hold a pair, as intervals: versions are cumulative, so a row per version and pair would repeat itself.';
COMMENT ON COLUMN version_pair.qa_id IS 'The pair.';
COMMENT ON COLUMN version_pair.dataset IS 'The dataset.';
COMMENT ON COLUMN version_pair.since IS 'First version that holds it.';
COMMENT ON COLUMN version_pair.until IS 'First later version that no longer holds it; NULL while it is held.';
