-- What stages made, by content key, and what each was made from. Global: dropping a build keeps these rows.

CREATE TABLE artifact (
    sha256 bytea NOT NULL,
    size_bytes bigint NOT NULL,
    result bytea NOT NULL,
    path text NOT NULL,
    media_type text NOT NULL,
    CONSTRAINT artifact_pkey PRIMARY KEY (sha256)
);
COMMENT ON TABLE artifact IS 'A file in the store that a result''s payload points to: a sampled container, a clip''s sound.';
COMMENT ON COLUMN artifact.sha256 IS 'sha256 of the bytes.';
COMMENT ON COLUMN artifact.size_bytes IS 'Size of the file.';
COMMENT ON COLUMN artifact.result IS 'Key of the first result that points to it.';
COMMENT ON COLUMN artifact.path IS 'Where it lies in the store, relative to its root.';
COMMENT ON COLUMN artifact.media_type IS 'What it is: video/x-matroska, audio/flac.';

CREATE TABLE edge (
    child bytea NOT NULL,
    parent bytea NOT NULL,
    CONSTRAINT edge_pkey PRIMARY KEY (child, parent)
);
COMMENT ON TABLE edge IS 'Which results a result was made from.';
COMMENT ON COLUMN edge.child IS 'Key of the result.';
COMMENT ON COLUMN edge.parent IS 'Key of a result that it was made from.';

CREATE TABLE part (
    id integer GENERATED ALWAYS AS IDENTITY,
    sha256 bytea NOT NULL,
    path text NOT NULL,
    size_bytes bigint NOT NULL,
    rows integer NOT NULL,
    CONSTRAINT part_pkey PRIMARY KEY (id),
    CONSTRAINT part_sha256_key UNIQUE (sha256)
);
COMMENT ON TABLE part IS 'A file of result records in the store.';
COMMENT ON COLUMN part.id IS 'Short name used by results.';
COMMENT ON COLUMN part.sha256 IS 'sha256 of the file''s bytes.';
COMMENT ON COLUMN part.path IS 'Where it lies in the store, relative to its root.';
COMMENT ON COLUMN part.size_bytes IS 'Size of the file.';
COMMENT ON COLUMN part.rows IS 'Number of records in it.';

CREATE TABLE prompt (
    sha256 bytea NOT NULL,
    name text NOT NULL,
    text text NOT NULL,
    CONSTRAINT prompt_pkey PRIMARY KEY (sha256)
);
COMMENT ON TABLE prompt IS 'A prompt as it was used, so that lineage can show it after the file has changed.';
COMMENT ON COLUMN prompt.sha256 IS 'sha256 of the whole prompt file.';
COMMENT ON COLUMN prompt.name IS 'Name of the prompt.';
COMMENT ON COLUMN prompt.text IS 'The file: front matter and template.';

CREATE TABLE result (
    key bytea NOT NULL,
    build_seq bigint NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    config_id integer NOT NULL,
    part_id integer,
    part_row integer,
    seconds real NOT NULL,
    status result_status NOT NULL,
    unit_id text COLLATE "C" NOT NULL,
    drop_reason text,
    CONSTRAINT result_pkey PRIMARY KEY (key)
);
COMMENT ON TABLE result IS 'What a stage made for a unit under a content key. The first one committed stays, and later builds reuse it.';
COMMENT ON COLUMN result.key IS 'Content key: configuration, inputs and candidate.';
COMMENT ON COLUMN result.build_seq IS 'The build that computed it, which may have been dropped since.';
COMMENT ON COLUMN result.created_at IS 'When it was committed.';
COMMENT ON COLUMN result.config_id IS 'The configuration it was made under (stage_config.id).';
COMMENT ON COLUMN result.part_id IS 'The part file that holds its payload (part.id); NULL for a drop.';
COMMENT ON COLUMN result.part_row IS 'Its record''s position in that part, from 0.';
COMMENT ON COLUMN result.seconds IS 'How long computing it took.';
COMMENT ON COLUMN result.status IS 'ok, or drop: a filter said no.';
COMMENT ON COLUMN result.unit_id IS 'The unit it was made for; for a registered manifest row, the clip.';
COMMENT ON COLUMN result.drop_reason IS 'Reason code of a drop.';

CREATE TABLE stage_config (
    id integer GENERATED ALWAYS AS IDENTITY,
    sha256 bytea NOT NULL,
    stage text COLLATE "C" NOT NULL,
    version smallint NOT NULL,
    emits unit_kind,
    params jsonb NOT NULL,
    prompts jsonb NOT NULL,
    schemas jsonb NOT NULL,
    models jsonb NOT NULL,
    sampling jsonb NOT NULL,
    seed bigint NOT NULL,
    decoder text,
    CONSTRAINT stage_config_pkey PRIMARY KEY (id),
    CONSTRAINT stage_config_sha256_key UNIQUE (sha256)
);
COMMENT ON TABLE stage_config IS 'Everything but its inputs that a stage''s results depend on.';
COMMENT ON COLUMN stage_config.id IS 'Short name used by results.';
COMMENT ON COLUMN stage_config.sha256 IS 'sha256 of the configuration, part of every content key.';
COMMENT ON COLUMN stage_config.stage IS 'Name of the stage.';
COMMENT ON COLUMN stage_config.version IS 'Version of the stage''s code.';
COMMENT ON COLUMN stage_config.emits IS 'Kind of the units that its results bring into being; NULL where none has.';
COMMENT ON COLUMN stage_config.params IS 'Parameters.';
COMMENT ON COLUMN stage_config.prompts IS 'Prompt name to the sha256 of its template.';
COMMENT ON COLUMN stage_config.schemas IS 'Reply schema name to the sha256 of its JSON schema.';
COMMENT ON COLUMN stage_config.models IS 'Role to model id@revision.';
COMMENT ON COLUMN stage_config.sampling IS 'Role to sampling parameters.';
COMMENT ON COLUMN stage_config.seed IS 'Seed of everything drawn by chance.';
COMMENT ON COLUMN stage_config.decoder IS 'Build of the decoder, for a stage that reads source bytes.';
