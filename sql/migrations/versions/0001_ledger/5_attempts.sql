-- Who works, under which lease, and every try at a unit.

CREATE TABLE attempt (
    build_seq bigint NOT NULL,
    ended_at timestamptz NOT NULL,
    worker_id integer NOT NULL,
    seconds real NOT NULL,
    unit_kind unit_kind NOT NULL,
    state unit_state NOT NULL,
    requests integer NOT NULL,
    prompt_tokens integer,
    completion_tokens integer,
    shard smallint NOT NULL,
    number smallint NOT NULL,
    stage text COLLATE "C" NOT NULL,
    unit_id text COLLATE "C" NOT NULL,
    model text,
    reason text,
    error_class text,
    message text,
    CONSTRAINT attempt_pkey PRIMARY KEY (build_seq, stage, shard, unit_id, number)
) PARTITION BY RANGE (build_seq);
COMMENT ON TABLE attempt IS 'One try at one unit in one stage of one build. One partition a build, narrow columns first.';
COMMENT ON COLUMN attempt.build_seq IS 'The build.';
COMMENT ON COLUMN attempt.ended_at IS 'When it was committed.';
COMMENT ON COLUMN attempt.worker_id IS 'The process that tried (worker.id), with its Airflow coordinates.';
COMMENT ON COLUMN attempt.seconds IS 'How long it took.';
COMMENT ON COLUMN attempt.unit_kind IS 'Kind of the unit.';
COMMENT ON COLUMN attempt.state IS 'How it ended.';
COMMENT ON COLUMN attempt.requests IS 'Requests made of models.';
COMMENT ON COLUMN attempt.prompt_tokens IS 'Tokens of the prompts; NULL where nobody counted.';
COMMENT ON COLUMN attempt.completion_tokens IS 'Tokens of the replies; NULL where nobody counted.';
COMMENT ON COLUMN attempt.shard IS 'The shard.';
COMMENT ON COLUMN attempt.number IS 'First try, second try and so on, within the build.';
COMMENT ON COLUMN attempt.stage IS 'The stage.';
COMMENT ON COLUMN attempt.unit_id IS 'The unit.';
COMMENT ON COLUMN attempt.model IS 'The models asked, id@revision.';
COMMENT ON COLUMN attempt.reason IS 'Reason code of a drop or failure.';
COMMENT ON COLUMN attempt.error_class IS 'Who must act on a failure.';
COMMENT ON COLUMN attempt.message IS 'A failure in words.';

CREATE TABLE worker (
    id integer GENERATED ALWAYS AS IDENTITY,
    uid uuid NOT NULL,
    host text NOT NULL,
    machine text NOT NULL,
    pid integer NOT NULL,
    pid_started bigint NOT NULL,
    command text NOT NULL,
    dag_id text,
    run_id text,
    task_id text,
    map_index integer,
    try_number integer,
    started_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT worker_pkey PRIMARY KEY (id),
    CONSTRAINT worker_uid_key UNIQUE (uid)
);
COMMENT ON TABLE worker IS 'One process that worked on shards, and where in Airflow it ran.';
COMMENT ON COLUMN worker.id IS 'Short name used by attempts and leases.';
COMMENT ON COLUMN worker.uid IS 'Drawn by the worker, so that registering twice changes nothing.';
COMMENT ON COLUMN worker.host IS 'Host name.';
COMMENT ON COLUMN worker.machine IS 'Boot id and process namespace: where its process number means something.';
COMMENT ON COLUMN worker.pid IS 'Process number.';
COMMENT ON COLUMN worker.pid_started IS 'When the process started, in clock ticks since boot.';
COMMENT ON COLUMN worker.command IS 'The command line''s verb.';
COMMENT ON COLUMN worker.dag_id IS 'Airflow DAG, where Airflow started it.';
COMMENT ON COLUMN worker.run_id IS 'Airflow run.';
COMMENT ON COLUMN worker.task_id IS 'Airflow task.';
COMMENT ON COLUMN worker.map_index IS 'Airflow map index.';
COMMENT ON COLUMN worker.try_number IS 'Airflow try.';
COMMENT ON COLUMN worker.started_at IS 'When it registered.';

CREATE TABLE shard_lease (
    build_seq bigint NOT NULL,
    stage text COLLATE "C" NOT NULL,
    shard smallint NOT NULL,
    token bigint NOT NULL,
    expires_at timestamptz NOT NULL,
    worker_id integer NOT NULL,
    claim uuid NOT NULL,
    last_commit uuid,
    CONSTRAINT shard_lease_pkey PRIMARY KEY (build_seq, stage, shard),
    CONSTRAINT shard_lease_build_seq_fkey FOREIGN KEY (build_seq) REFERENCES build (seq),
    CONSTRAINT shard_lease_worker_id_fkey FOREIGN KEY (worker_id) REFERENCES worker (id)
);
COMMENT ON TABLE shard_lease IS 'The right to commit for one shard of one stage.';
COMMENT ON COLUMN shard_lease.build_seq IS 'The build.';
COMMENT ON COLUMN shard_lease.stage IS 'The stage.';
COMMENT ON COLUMN shard_lease.shard IS 'The shard.';
COMMENT ON COLUMN shard_lease.token IS 'Fencing token: each holder''s is larger than the last one''s.';
COMMENT ON COLUMN shard_lease.expires_at IS 'When the right to commit ends, by the database''s clock.';
COMMENT ON COLUMN shard_lease.worker_id IS 'The holder.';
COMMENT ON COLUMN shard_lease.claim IS 'Drawn by the call that took it, which may be repeated after a lost connection.';
COMMENT ON COLUMN shard_lease.last_commit IS 'Drawn by the last commit, which may be repeated after a lost connection.';
