-- A build may be cancelled, and a manifest row may name human narrations.

-- Not ALTER TYPE ... ADD VALUE: a value added so cannot be used in the transaction that adds it, as views do.
DROP INDEX build_name_key;
ALTER TYPE build_state RENAME TO build_state_before;
CREATE TYPE build_state AS ENUM ('planned', 'running', 'succeeded', 'failed', 'cancelled', 'dropped');
ALTER TABLE build ALTER COLUMN state TYPE build_state USING state::text::build_state;
DROP TYPE build_state_before;
CREATE UNIQUE INDEX build_name_key ON build (name) WHERE state <> 'dropped';

ALTER TABLE build_row ADD COLUMN narrations text;
COMMENT ON COLUMN build_row.narrations IS 'Where the manifest says that the row''s human narrations are; NULL where there are none.';
