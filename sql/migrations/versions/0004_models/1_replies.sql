-- Raw replies: where each lies, and how it was judged.

CREATE TYPE reply_status AS ENUM (
    'ok', 'repaired', 'truncated', 'refused', 'empty', 'off_schema', 'too_long', 'other_model', 'timed_out', 'server_error'
);

CREATE TABLE reply_part (
    id integer GENERATED ALWAYS AS IDENTITY,
    build_seq bigint NOT NULL,
    sha256 bytea NOT NULL,
    path text NOT NULL,
    size_bytes bigint NOT NULL,
    rows integer NOT NULL,
    CONSTRAINT reply_part_pkey PRIMARY KEY (id)
);
CREATE INDEX reply_part_build_seq_idx ON reply_part (build_seq);
COMMENT ON TABLE reply_part IS 'A file of raw replies in the store.';
COMMENT ON COLUMN reply_part.id IS 'Short name used by replies.';
COMMENT ON COLUMN reply_part.build_seq IS 'The build whose replies it holds: dropping the build forgets the file.';
COMMENT ON COLUMN reply_part.sha256 IS 'sha256 of the file''s bytes.';
COMMENT ON COLUMN reply_part.path IS 'Where it lies in the store, relative to its root.';
COMMENT ON COLUMN reply_part.size_bytes IS 'Size of the file.';
COMMENT ON COLUMN reply_part.rows IS 'Number of exchanges in it.';

-- As of attempts, nothing has to keep these rows unique: they are only added, in the transaction of one worker.
CREATE TABLE reply (
    build_seq bigint NOT NULL,
    reply_part_id integer,
    part_row integer,
    seconds real NOT NULL,
    prompt_tokens integer,
    completion_tokens integer,
    cached_tokens integer,
    thinking_length integer NOT NULL,
    unit_kind unit_kind NOT NULL,
    status reply_status NOT NULL,
    shard smallint NOT NULL,
    number smallint NOT NULL,
    ordinal smallint NOT NULL,
    turn smallint NOT NULL,
    tries smallint NOT NULL,
    stage text COLLATE "C" NOT NULL,
    unit_id text COLLATE "C" NOT NULL,
    role text COLLATE "C" NOT NULL,
    task text COLLATE "C" NOT NULL,
    model text COLLATE "C" NOT NULL,
    finish_reason text,
    request bytea
) PARTITION BY RANGE (build_seq);
CREATE INDEX reply_unit_id_idx ON reply USING hash (unit_id);
COMMENT ON TABLE reply IS
    'A request of an attempt to a model and its reply, invalid ones too. One partition a build; the words lie in a part file.';
COMMENT ON COLUMN reply.build_seq IS 'The build.';
COMMENT ON COLUMN reply.reply_part_id IS 'The part file that holds the exchange (reply_part.id); NULL where its words were withdrawn or lost.';
COMMENT ON COLUMN reply.part_row IS 'Its position in that part, from 0.';
COMMENT ON COLUMN reply.seconds IS 'How long the request took, all tries of the engine together.';
COMMENT ON COLUMN reply.prompt_tokens IS 'Tokens of the prompt; NULL where nobody counted.';
COMMENT ON COLUMN reply.completion_tokens IS 'Tokens of the reply, thinking included; NULL where nobody counted.';
COMMENT ON COLUMN reply.cached_tokens IS 'Of the prompt''s tokens, those that the server had computed already; NULL where it does not say.';
COMMENT ON COLUMN reply.thinking_length IS 'Characters of the block of thinking that was cut off.';
COMMENT ON COLUMN reply.unit_kind IS 'Kind of the unit.';
COMMENT ON COLUMN reply.status IS 'How the reply was judged: ok and repaired are answers.';
COMMENT ON COLUMN reply.shard IS 'The shard.';
COMMENT ON COLUMN reply.number IS 'The attempt at the unit (attempt.number).';
COMMENT ON COLUMN reply.ordinal IS 'Which of the attempt''s exchanges, from 0.';
COMMENT ON COLUMN reply.turn IS '0: the question; 1 and more: it was asked again after a reply that was no answer.';
COMMENT ON COLUMN reply.tries IS 'How often the server was asked until this came.';
COMMENT ON COLUMN reply.stage IS 'The stage.';
COMMENT ON COLUMN reply.unit_id IS 'The unit; empty where its video was withdrawn.';
COMMENT ON COLUMN reply.role IS 'The model role that was asked.';
COMMENT ON COLUMN reply.task IS 'What was asked.';
COMMENT ON COLUMN reply.model IS 'The model that was asked, id@revision.';
COMMENT ON COLUMN reply.finish_reason IS 'Why the model ended, in the server''s word.';
COMMENT ON COLUMN reply.request IS 'Content key of the request, whose beginning names it in a server''s log; NULL where its video was withdrawn.';
