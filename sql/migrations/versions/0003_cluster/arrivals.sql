-- Videos that arrive: what was found where, the videos and clips of a dataset that it made known, and the day they wait for.

CREATE TABLE source_digest (
    address text COLLATE "C" NOT NULL,
    stamp text NOT NULL,
    size_bytes bigint NOT NULL,
    sha256 bytea NOT NULL,
    read_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT source_digest_pkey PRIMARY KEY (address)
);
COMMENT ON TABLE source_digest IS 'What the bytes at an address were when somebody last read them all, so that an unchanged object is not read again.';
COMMENT ON COLUMN source_digest.address IS 'The object or file, s3://bucket/key or a path.';
COMMENT ON COLUMN source_digest.stamp IS 'S3''s ETag, or a file''s time of change: another one means other bytes.';
COMMENT ON COLUMN source_digest.size_bytes IS 'Size of the file.';
COMMENT ON COLUMN source_digest.sha256 IS 'sha256 of the file''s bytes.';
COMMENT ON COLUMN source_digest.read_at IS 'When they were read.';

CREATE TABLE arrival (
    dataset text COLLATE "C" NOT NULL,
    address text COLLATE "C" NOT NULL,
    stamp text NOT NULL,
    size_bytes bigint NOT NULL,
    state text NOT NULL,
    sha256 bytea,
    reason text,
    message text,
    seen_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT arrival_pkey PRIMARY KEY (dataset, address),
    CONSTRAINT arrival_state_check CHECK (state IN ('registered', 'duplicate', 'refused', 'waiting'))
);
CREATE INDEX arrival_dataset_sha256_idx ON arrival (dataset, sha256);
COMMENT ON TABLE arrival IS 'A file that was found in a source of a dataset, as it was when it was last looked at.';
COMMENT ON COLUMN arrival.dataset IS 'The dataset that it arrived for.';
COMMENT ON COLUMN arrival.address IS 'Where it lies, s3://bucket/key or a path.';
COMMENT ON COLUMN arrival.stamp IS 'S3''s ETag, or a file''s time of change: another one means other bytes.';
COMMENT ON COLUMN arrival.size_bytes IS 'Size of the file.';
COMMENT ON COLUMN arrival.state IS 'registered: a video of its own; duplicate: bytes that another file brought; refused: see reason; waiting: may still be written.';
COMMENT ON COLUMN arrival.sha256 IS 'sha256 of its bytes; NULL where they were not read.';
COMMENT ON COLUMN arrival.reason IS 'Why it was refused, or what it waits for.';
COMMENT ON COLUMN arrival.message IS 'The same in words.';
COMMENT ON COLUMN arrival.seen_at IS 'When it was first seen like this.';

CREATE TABLE arrival_video (
    dataset text COLLATE "C" NOT NULL,
    sha256 bytea NOT NULL,
    number bigint GENERATED ALWAYS AS IDENTITY,
    video_id text COLLATE "C" NOT NULL,
    address text COLLATE "C" NOT NULL,
    split text NOT NULL,
    duration_ms integer NOT NULL,
    night date NOT NULL,
    arrived_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT arrival_video_pkey PRIMARY KEY (dataset, sha256),
    CONSTRAINT arrival_video_dataset_video_id_key UNIQUE (dataset, video_id)
);
CREATE INDEX arrival_video_dataset_night_idx ON arrival_video (dataset, night);
COMMENT ON TABLE arrival_video IS 'A video that arrived for a dataset, once by its bytes.';
COMMENT ON COLUMN arrival_video.dataset IS 'The dataset.';
COMMENT ON COLUMN arrival_video.sha256 IS 'sha256 of the file''s bytes.';
COMMENT ON COLUMN arrival_video.number IS 'Orders videos as they arrived.';
COMMENT ON COLUMN arrival_video.video_id IS 'Its name in builds: that of its file, with ~ and eight digits of its sha256 where other bytes had that name before.';
COMMENT ON COLUMN arrival_video.address IS 'Where it was first found.';
COMMENT ON COLUMN arrival_video.split IS 'The split that it belongs to, by its name.';
COMMENT ON COLUMN arrival_video.duration_ms IS 'Length of the video in milliseconds.';
COMMENT ON COLUMN arrival_video.night IS 'The day it was registered, whose nightly build takes it.';
COMMENT ON COLUMN arrival_video.arrived_at IS 'When it was registered.';

CREATE TABLE arrival_clip (
    dataset text COLLATE "C" NOT NULL,
    sha256 bytea NOT NULL,
    start_ms integer NOT NULL,
    end_ms integer NOT NULL,
    CONSTRAINT arrival_clip_pkey PRIMARY KEY (dataset, sha256, start_ms),
    CONSTRAINT arrival_clip_dataset_fkey FOREIGN KEY (dataset, sha256) REFERENCES arrival_video (dataset, sha256) ON DELETE CASCADE
);
COMMENT ON TABLE arrival_clip IS 'A clip of an arrived video: a row of the builds that take it.';
COMMENT ON COLUMN arrival_clip.dataset IS 'The dataset.';
COMMENT ON COLUMN arrival_clip.sha256 IS 'The video, by the sha256 of its bytes.';
COMMENT ON COLUMN arrival_clip.start_ms IS 'Start of the window.';
COMMENT ON COLUMN arrival_clip.end_ms IS 'End of the window, exclusive; the video''s last clip is shorter than the others.';

ALTER TABLE build ADD COLUMN arrivals boolean DEFAULT false NOT NULL;
COMMENT ON COLUMN build.arrivals IS 'Whether it builds what has arrived for its dataset, beside the manifest or without one.';
ALTER TABLE build_row ADD COLUMN sha256 bytea;
COMMENT ON COLUMN build_row.sha256 IS 'sha256 of the bytes that the row is about, where it was known before: of a video that arrived.';
CREATE INDEX build_row_sha256_idx ON build_row (sha256) WHERE sha256 IS NOT NULL;
