-- Accepted pairs that the rules over a whole version left out of it.

CREATE TABLE version_left_out (
    qa_id text COLLATE "C" NOT NULL,
    dataset text COLLATE "C" NOT NULL,
    since integer NOT NULL,
    until integer,
    reason text COLLATE "C" NOT NULL,
    CONSTRAINT version_left_out_pkey PRIMARY KEY (qa_id, dataset, since),
    CONSTRAINT version_left_out_dataset_fkey FOREIGN KEY (dataset, since) REFERENCES dataset_version (dataset, number)
);
CREATE INDEX version_left_out_dataset_idx ON version_left_out (dataset) WHERE until IS NULL;
COMMENT ON TABLE version_left_out IS 'Accepted pairs that the rules over a whole version (balance, near duplicates) left out of it, as intervals of versions.';
COMMENT ON COLUMN version_left_out.qa_id IS 'The pair.';
COMMENT ON COLUMN version_left_out.dataset IS 'The dataset.';
COMMENT ON COLUMN version_left_out.since IS 'First version that leaves it out for this reason.';
COMMENT ON COLUMN version_left_out.until IS 'First later version that no longer does; NULL while it is left out.';
COMMENT ON COLUMN version_left_out.reason IS 'Reason code of the rule that left it out.';

ALTER TABLE dataset_version ADD COLUMN left_out jsonb DEFAULT '{}' NOT NULL;
COMMENT ON COLUMN dataset_version.left_out IS 'Accepted pairs that rules over the whole left out, by reason.';
