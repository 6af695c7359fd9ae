-- Withdrawn videos: what is kept of them, and the files that are on their way out of the store.

CREATE TABLE tombstone (
    video bytea NOT NULL,
    video_ids text[] NOT NULL,
    qa_ids text[] NOT NULL,
    withdrawn_at timestamptz DEFAULT now() NOT NULL,
    withdrawn_by text NOT NULL,
    reason text,
    CONSTRAINT tombstone_pkey PRIMARY KEY (video)
);
COMMENT ON TABLE tombstone IS 'A video that was withdrawn: nothing else is kept of it, and it is refused when it is registered again.';
COMMENT ON COLUMN tombstone.video IS 'sha256 of the file''s bytes.';
COMMENT ON COLUMN tombstone.video_ids IS 'The ids under which manifests named it.';
COMMENT ON COLUMN tombstone.qa_ids IS 'Ids of its pairs, by which versions that hold any are found: their bytes never change.';
COMMENT ON COLUMN tombstone.withdrawn_at IS 'When it was first withdrawn.';
COMMENT ON COLUMN tombstone.withdrawn_by IS 'Who withdrew it: user and host of the command.';
COMMENT ON COLUMN tombstone.reason IS 'Why, in the words of who withdrew it.';

CREATE TABLE doomed_file (
    path text COLLATE "C" NOT NULL,
    CONSTRAINT doomed_file_pkey PRIMARY KEY (path)
);
COMMENT ON TABLE doomed_file IS 'A file that a purge took out of lineage and has not deleted yet; the next purge deletes what an interrupted one left.';
COMMENT ON COLUMN doomed_file.path IS 'Where it lies in the store, relative to its root.';
