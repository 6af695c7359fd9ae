-- Two builds at once: who computes which result.

CREATE TABLE key_claim (
    key bytea NOT NULL,
    build_seq bigint NOT NULL,
    token bigint NOT NULL,
    shard smallint NOT NULL,
    stage text COLLATE "C" NOT NULL,
    CONSTRAINT key_claim_pkey PRIMARY KEY (key)
);
COMMENT ON TABLE key_claim IS 'Which worker computes which result. A claim lives as long as the lease that it was taken under.';
COMMENT ON COLUMN key_claim.key IS 'Content key of the result.';
COMMENT ON COLUMN key_claim.build_seq IS 'Build of the lease.';
COMMENT ON COLUMN key_claim.token IS 'Fencing token of the lease: a claim under an older one is void.';
COMMENT ON COLUMN key_claim.shard IS 'Shard of the lease.';
COMMENT ON COLUMN key_claim.stage IS 'Stage of the lease.';
