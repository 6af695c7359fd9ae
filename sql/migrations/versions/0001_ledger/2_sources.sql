-- What is known of the footage and what was asked about it. Global: no build owns these rows.

CREATE TABLE video (
    sha256 bytea NOT NULL,
    size_bytes bigint NOT NULL,
    duration_ms integer NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    rate_num integer NOT NULL,
    rate_den integer NOT NULL,
    picture_codec text NOT NULL,
    sound_codec text,
    sound_rate_hz integer,
    sound_channels smallint,
    created_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT video_pkey PRIMARY KEY (sha256)
);
COMMENT ON TABLE video IS 'One source file, known by its bytes: a renamed copy is the same video.';
COMMENT ON COLUMN video.sha256 IS 'sha256 of the file''s bytes.';
COMMENT ON COLUMN video.size_bytes IS 'Size of the file.';
COMMENT ON COLUMN video.duration_ms IS 'Length of the video in milliseconds.';
COMMENT ON COLUMN video.width IS 'Width of the first picture stream in pixels.';
COMMENT ON COLUMN video.height IS 'Height of the first picture stream in pixels.';
COMMENT ON COLUMN video.rate_num IS 'Average frames a second, numerator.';
COMMENT ON COLUMN video.rate_den IS 'Average frames a second, denominator.';
COMMENT ON COLUMN video.picture_codec IS 'Codec of the first picture stream.';
COMMENT ON COLUMN video.sound_codec IS 'Codec of the first sound stream; NULL for a silent file.';
COMMENT ON COLUMN video.sound_rate_hz IS 'Samples a second of the first sound stream.';
COMMENT ON COLUMN video.sound_channels IS 'Channels of the first sound stream.';
COMMENT ON COLUMN video.created_at IS 'When it was first registered.';

CREATE TABLE clip (
    clip_id text COLLATE "C" NOT NULL,
    video bytea NOT NULL,
    start_ms integer NOT NULL,
    end_ms integer NOT NULL,
    CONSTRAINT clip_pkey PRIMARY KEY (clip_id),
    CONSTRAINT clip_video_fkey FOREIGN KEY (video) REFERENCES video (sha256)
);
CREATE INDEX clip_video_idx ON clip (video);
COMMENT ON TABLE clip IS 'A window of a video: the unit that question-answer pairs are made for.';
COMMENT ON COLUMN clip.clip_id IS 'First 16 digits of the video''s sha256, start and end.';
COMMENT ON COLUMN clip.video IS 'The video that it is a window of.';
COMMENT ON COLUMN clip.start_ms IS 'Start in the video, inclusive.';
COMMENT ON COLUMN clip.end_ms IS 'End in the video, exclusive.';

CREATE TABLE qa_pair (
    qa_id text COLLATE "C" NOT NULL,
    result bytea NOT NULL,
    clip_id text COLLATE "C" NOT NULL,
    start_ms integer NOT NULL,
    end_ms integer NOT NULL,
    task text COLLATE "C" NOT NULL,
    variant text,
    about text,
    question text NOT NULL,
    answer text NOT NULL,
    options text[] NOT NULL,
    evidence text[] NOT NULL,
    CONSTRAINT qa_pair_pkey PRIMARY KEY (qa_id),
    CONSTRAINT qa_pair_clip_id_fkey FOREIGN KEY (clip_id) REFERENCES clip (clip_id)
);
CREATE INDEX qa_pair_clip_id_idx ON qa_pair (clip_id);
COMMENT ON TABLE qa_pair IS 'A question and its answer, as drafted; whether it was accepted is what its verify unit says in a build.';
COMMENT ON COLUMN qa_pair.qa_id IS 'Made from the result''s key and the pair''s position in it.';
COMMENT ON COLUMN qa_pair.result IS 'Key of the result that the pair is part of.';
COMMENT ON COLUMN qa_pair.clip_id IS 'The clip that the pair is about.';
COMMENT ON COLUMN qa_pair.start_ms IS 'Start of the stretch of video that the question is about.';
COMMENT ON COLUMN qa_pair.end_ms IS 'Its end, exclusive.';
COMMENT ON COLUMN qa_pair.task IS 'The QA task.';
COMMENT ON COLUMN qa_pair.variant IS 'The task''s own subtype, where it has one.';
COMMENT ON COLUMN qa_pair.about IS 'What the question asks about, in the evidence''s own words.';
COMMENT ON COLUMN qa_pair.question IS 'The question.';
COMMENT ON COLUMN qa_pair.answer IS 'The answer.';
COMMENT ON COLUMN qa_pair.options IS 'Answers to choose from; empty for an open question.';
COMMENT ON COLUMN qa_pair.evidence IS 'Ids of the segments that the pair was made from.';

CREATE TABLE segment (
    segment_id text COLLATE "C" NOT NULL,
    clip_id text COLLATE "C" NOT NULL,
    index smallint NOT NULL,
    start_ms integer NOT NULL,
    end_ms integer NOT NULL,
    partial boolean NOT NULL,
    CONSTRAINT segment_pkey PRIMARY KEY (segment_id),
    CONSTRAINT segment_clip_id_fkey FOREIGN KEY (clip_id) REFERENCES clip (clip_id)
);
CREATE INDEX segment_clip_id_idx ON segment (clip_id);
COMMENT ON TABLE segment IS 'One window of up to 10 s of a clip: the unit of captions, context graphs and narrations.';
COMMENT ON COLUMN segment.segment_id IS 'The clip''s id and the index.';
COMMENT ON COLUMN segment.clip_id IS 'The clip that it is a window of.';
COMMENT ON COLUMN segment.index IS 'Position within the clip, from 0.';
COMMENT ON COLUMN segment.start_ms IS 'Start in the video, inclusive.';
COMMENT ON COLUMN segment.end_ms IS 'End in the video, exclusive.';
COMMENT ON COLUMN segment.partial IS 'Whether it is the last, shorter one.';
