-- S3 servers without conditional writes: who writes an address first.

CREATE TABLE first_write (
    url text COLLATE "C" NOT NULL,
    sha256 bytea NOT NULL,
    writer uuid NOT NULL,
    claimed_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT first_write_pkey PRIMARY KEY (url)
);
COMMENT ON TABLE first_write IS 'Which bytes may be written at an address of the store, where its server has no conditional writes.';
COMMENT ON COLUMN first_write.url IS 'Address, s3://bucket/prefix/path.';
COMMENT ON COLUMN first_write.sha256 IS 'Sha256 of the bytes of whoever came first: no others are written there.';
COMMENT ON COLUMN first_write.writer IS 'The call that came first, so that it knows its own claim again when the answer was lost.';
COMMENT ON COLUMN first_write.claimed_at IS 'When it came. If nothing is there an hour later, the next writer takes the claim over.';
