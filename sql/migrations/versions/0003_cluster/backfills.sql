-- Backfills: what they were asked, which builds they mend, and which results took the place of which.

CREATE TABLE backfill (
    build_seq bigint NOT NULL,
    selection jsonb NOT NULL,
    units integer NOT NULL,
    CONSTRAINT backfill_pkey PRIMARY KEY (build_seq),
    CONSTRAINT backfill_build_seq_fkey FOREIGN KEY (build_seq) REFERENCES build (seq)
);
COMMENT ON TABLE backfill IS 'A build that makes units of earlier builds again.';
COMMENT ON COLUMN backfill.build_seq IS 'The build that it is.';
COMMENT ON COLUMN backfill.selection IS 'What was asked: which units of which builds, with which settings.';
COMMENT ON COLUMN backfill.units IS 'How many units were selected.';

CREATE TABLE backfill_build (
    build_seq bigint NOT NULL,
    mends_seq bigint NOT NULL,
    whole boolean DEFAULT false NOT NULL,
    CONSTRAINT backfill_build_pkey PRIMARY KEY (build_seq, mends_seq),
    CONSTRAINT backfill_build_build_seq_fkey FOREIGN KEY (build_seq) REFERENCES backfill (build_seq),
    CONSTRAINT backfill_build_mends_seq_fkey FOREIGN KEY (mends_seq) REFERENCES build (seq)
);
CREATE INDEX backfill_build_mends_seq_idx ON backfill_build (mends_seq);
COMMENT ON TABLE backfill_build IS 'Which builds a backfill mends: those that its units were selected from, and failed ones that share a clip with it.';
COMMENT ON COLUMN backfill_build.build_seq IS 'The backfill.';
COMMENT ON COLUMN backfill_build.mends_seq IS 'A build that it mends.';
COMMENT ON COLUMN backfill_build.whole IS 'Whether that build reaches its floor with it, so that its pairs count once the backfill has succeeded.';

CREATE TABLE superseded_result (
    build_seq bigint NOT NULL,
    old bytea NOT NULL,
    stage text COLLATE "C" NOT NULL,
    unit_id text COLLATE "C" NOT NULL,
    new bytea,
    clip_id text COLLATE "C",
    CONSTRAINT superseded_result_pkey PRIMARY KEY (build_seq, old, stage, unit_id),
    CONSTRAINT superseded_result_build_seq_fkey FOREIGN KEY (build_seq) REFERENCES backfill (build_seq)
);
CREATE INDEX superseded_result_old_idx ON superseded_result USING hash (old);
COMMENT ON TABLE superseded_result IS 'Results that no longer speak for their units since a backfill has succeeded, and what took their place.';
COMMENT ON COLUMN superseded_result.build_seq IS 'The backfill.';
COMMENT ON COLUMN superseded_result.old IS 'Key of the result whose place was taken; its bytes stay.';
COMMENT ON COLUMN superseded_result.stage IS 'The stage.';
COMMENT ON COLUMN superseded_result.unit_id IS 'The unit, as the older build names it.';
COMMENT ON COLUMN superseded_result.new IS
    'Key of the result in its place; NULL where the unit is gone, as a pair whose QA result was replaced.';
COMMENT ON COLUMN superseded_result.clip_id IS 'The clip that the unit belongs to.';

ALTER TABLE dataset_version ADD COLUMN mends integer;
COMMENT ON COLUMN dataset_version.mends IS
    'The newest version of the builds that it mends, for one that a backfill made; NULL for any other.';
