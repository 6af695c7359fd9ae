-- Enumerations.

CREATE TYPE unit_kind AS ENUM ('row', 'clip', 'segment', 'qa');
CREATE TYPE unit_state AS ENUM ('pending', 'done', 'dropped', 'failed', 'blocked');
CREATE TYPE build_state AS ENUM ('planned', 'running', 'succeeded', 'failed', 'dropped');
CREATE TYPE result_status AS ENUM ('ok', 'drop');
CREATE TYPE version_state AS ENUM ('candidate', 'published', 'superseded');
