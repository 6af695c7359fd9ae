-- What builds were asked to do and how far they are.

CREATE TABLE build (
    seq bigint GENERATED ALWAYS AS IDENTITY,
    name text COLLATE "C" NOT NULL,
    recipe text NOT NULL,
    dataset text COLLATE "C" NOT NULL,
    engine text NOT NULL,
    night text,
    state build_state NOT NULL,
    version integer,
    manifest text NOT NULL,
    videos text NOT NULL,
    stages text[] NOT NULL,
    recipe_settings jsonb NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    finished_at timestamptz,
    CONSTRAINT build_pkey PRIMARY KEY (seq)
);
CREATE UNIQUE INDEX build_name_key ON build (name) WHERE state <> 'dropped';
CREATE INDEX build_dataset_seq_idx ON build (dataset, seq);
COMMENT ON TABLE build IS 'One run of a recipe over manifest rows.';
COMMENT ON COLUMN build.seq IS 'Orders builds, and names their partitions.';
COMMENT ON COLUMN build.name IS 'Name of the build, unique among those not dropped.';
COMMENT ON COLUMN build.recipe IS 'Name of the recipe.';
COMMENT ON COLUMN build.dataset IS 'The dataset it adds to.';
COMMENT ON COLUMN build.engine IS 'Engine that answers for the recipe''s model roles.';
COMMENT ON COLUMN build.night IS 'The day whose manifest rows it builds, for a scheduled build.';
COMMENT ON COLUMN build.state IS 'How the build stands.';
COMMENT ON COLUMN build.version IS 'The version of the dataset that it published, which an earlier build may have made.';
COMMENT ON COLUMN build.manifest IS 'Where its manifest was read from.';
COMMENT ON COLUMN build.videos IS 'Root of the manifest''s relative addresses.';
COMMENT ON COLUMN build.stages IS 'The stages to compute; earlier ones are only reused.';
COMMENT ON COLUMN build.recipe_settings IS 'Settings that replace the recipe''s own.';
COMMENT ON COLUMN build.created_at IS 'When it was planned.';
COMMENT ON COLUMN build.finished_at IS 'When it last came to an end.';

CREATE TABLE build_unit (
    build_seq bigint NOT NULL,
    shard smallint NOT NULL,
    attempts smallint DEFAULT '0' NOT NULL,
    unit_kind unit_kind NOT NULL,
    state unit_state NOT NULL,
    computed boolean DEFAULT 'false' NOT NULL,
    stage text COLLATE "C" NOT NULL,
    unit_id text COLLATE "C" NOT NULL,
    key bytea,
    clip_id text COLLATE "C",
    reason text,
    error_class text,
    message text,
    CONSTRAINT build_unit_pkey PRIMARY KEY (build_seq, stage, shard, unit_id)
) PARTITION BY RANGE (build_seq);
CREATE INDEX build_unit_reason_idx ON build_unit (build_seq, state, stage, reason) WHERE state IN ('dropped', 'failed', 'blocked');
COMMENT ON TABLE build_unit IS 'What a build did with one unit in one stage. One partition a build, narrow columns first.';
COMMENT ON COLUMN build_unit.build_seq IS 'The build.';
COMMENT ON COLUMN build_unit.shard IS 'The shard; -1 for a refused manifest row, which is in none.';
COMMENT ON COLUMN build_unit.attempts IS 'How often this build tried it.';
COMMENT ON COLUMN build_unit.unit_kind IS 'Kind of the unit.';
COMMENT ON COLUMN build_unit.state IS 'How the unit stands in this stage.';
COMMENT ON COLUMN build_unit.computed IS 'Whether this build computed it; false: reused.';
COMMENT ON COLUMN build_unit.stage IS 'The stage.';
COMMENT ON COLUMN build_unit.unit_id IS 'The unit: a row number, clip, segment or qa id.';
COMMENT ON COLUMN build_unit.key IS 'Content key of its result.';
COMMENT ON COLUMN build_unit.clip_id IS 'The clip that the unit belongs to, where known.';
COMMENT ON COLUMN build_unit.reason IS 'Reason code of a drop, a failure or a block.';
COMMENT ON COLUMN build_unit.error_class IS 'Who must act on a failure: data, caller, config, try_again, internal.';
COMMENT ON COLUMN build_unit.message IS 'A failure in words.';

CREATE TABLE registered_row (
    dataset text COLLATE "C" NOT NULL,
    video_id text COLLATE "C" NOT NULL,
    start_ms integer NOT NULL,
    end_ms integer NOT NULL,
    night DATE NOT NULL,
    CONSTRAINT registered_row_pkey PRIMARY KEY (dataset, video_id, start_ms, end_ms)
);
CREATE INDEX registered_row_dataset_night_idx ON registered_row (dataset, night);
COMMENT ON TABLE registered_row IS 'The day on which a dataset first saw a manifest row, so that a past night can be built again as it was.';
COMMENT ON COLUMN registered_row.dataset IS 'The dataset.';
COMMENT ON COLUMN registered_row.video_id IS 'The video''s name in the manifest.';
COMMENT ON COLUMN registered_row.start_ms IS 'Start of the window.';
COMMENT ON COLUMN registered_row.end_ms IS 'End of the window, exclusive.';
COMMENT ON COLUMN registered_row.night IS 'The day it was registered, whose nightly build takes it.';

CREATE TABLE stage_count (
    build_seq bigint NOT NULL,
    stage text COLLATE "C" NOT NULL,
    shard smallint NOT NULL,
    state unit_state NOT NULL,
    units integer NOT NULL,
    computed integer NOT NULL,
    CONSTRAINT stage_count_pkey PRIMARY KEY (build_seq, stage, shard, state)
) WITH (fillfactor = 50);
COMMENT ON TABLE stage_count IS 'Rows of build_unit by state, kept by a trigger. By shard, so that two shards never wait for each other''s row.';
COMMENT ON COLUMN stage_count.build_seq IS 'The build.';
COMMENT ON COLUMN stage_count.stage IS 'The stage.';
COMMENT ON COLUMN stage_count.shard IS 'The shard.';
COMMENT ON COLUMN stage_count.state IS 'The state.';
COMMENT ON COLUMN stage_count.units IS 'How many build_unit rows are in that state.';
COMMENT ON COLUMN stage_count.computed IS 'How many of them this build computed.';

CREATE TABLE build_row (
    build_seq bigint NOT NULL,
    row_no integer NOT NULL,
    start_ms integer,
    end_ms integer,
    shard smallint,
    video_id text COLLATE "C" NOT NULL,
    uri text,
    split text,
    clip_id text COLLATE "C",
    reason text,
    message text,
    CONSTRAINT build_row_pkey PRIMARY KEY (build_seq, row_no),
    CONSTRAINT build_row_build_seq_fkey FOREIGN KEY (build_seq) REFERENCES build (seq)
);
CREATE INDEX build_row_video_id_idx ON build_row (video_id);
CREATE INDEX build_row_clip_id_idx ON build_row (clip_id);
COMMENT ON TABLE build_row IS 'A manifest row of a build, refused ones included.';
COMMENT ON COLUMN build_row.build_seq IS 'The build.';
COMMENT ON COLUMN build_row.row_no IS 'Line of the manifest, the header being line 1.';
COMMENT ON COLUMN build_row.start_ms IS 'Start of the window in the video; NULL for a refused row.';
COMMENT ON COLUMN build_row.end_ms IS 'End of the window, exclusive.';
COMMENT ON COLUMN build_row.shard IS 'The shard that works on it.';
COMMENT ON COLUMN build_row.video_id IS 'The video''s name in the manifest.';
COMMENT ON COLUMN build_row.uri IS 'Where the manifest says that the file is.';
COMMENT ON COLUMN build_row.split IS 'The split that it belongs to.';
COMMENT ON COLUMN build_row.clip_id IS 'The clip that it turned out to be, once registered.';
COMMENT ON COLUMN build_row.reason IS 'Why the row was refused; NULL for an accepted one.';
COMMENT ON COLUMN build_row.message IS 'The refusal in words.';
