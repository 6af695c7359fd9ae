"""Fill a migrated database with nights of synthetic builds, on the server, as 25,000 attempts a night leave it.

A night has 20 new videos, 80 clips in 10 shards, 38 segments a clip; six stages a segment, two of which ask questions, and a
verdict for each pair; one unit in seventy fails three times. Nothing is reused, so that every attempt has its result. The
summaries are filled as triggers and commits would fill them.
"""

import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing

import psycopg2

ATTEMPTS_A_BUILD = 25_300
CONNECTIONS = 2

_STAGES = """
    INSERT INTO stage_config (sha256, stage, version, emits, params, prompts, schemas, models, sampling, seed)
    SELECT sha256(convert_to(stage, 'UTF8')), stage, 1, emits::unit_kind, '{}', '{}', '{}', '{"text": "measured@1"}', '{}', 7
    FROM (VALUES ('register', 'clip'), ('split', 'segment'), ('frames', NULL), ('caption', NULL), ('mcg', NULL), ('av_narration', NULL),
                 ('qa_avsn', 'qa'), ('qa_avh_sound', 'qa'), ('qa_ssa', 'qa'), ('verify', NULL)) AS stage (stage, emits)
"""
_BUILD = """
    INSERT INTO build (seq, name, recipe, dataset, engine, state, version, manifest, videos, stages, recipe_settings, night, finished_at)
    OVERRIDING SYSTEM VALUE
    SELECT %(seq)s, 'night-' || %(seq)s, 'egoavu', 'egoavu', 'measured', 'succeeded', %(seq)s, 'manifest.csv', 'videos',
           ARRAY['register', 'split', 'frames', 'caption', 'mcg', 'av_narration', 'qa_avsn', 'qa_avh_sound', 'qa_ssa', 'verify',
                 'publish', 'gate'], '{}', '2026-01-01', now();
    INSERT INTO worker (uid, host, machine, pid, pid_started, command, dag_id, run_id, task_id, map_index, try_number)
    SELECT gen_random_uuid(), 'node', 'boot/1', 1, 1, 'stage run', 'build_egoavu', 'scheduled__' || %(seq)s, 'caption', shard, 1
    FROM generate_series(0, 9) AS shard;
    CREATE TEMPORARY TABLE a_clip ON COMMIT DROP AS
    SELECT number, number %% 10 AS shard, video, start_ms,
           left(encode(video, 'hex'), 16) || '_' || start_ms || '_' || start_ms + 360000 AS clip_id
    FROM (SELECT number, sha256(convert_to(%(seq)s || ' ' || number / 4, 'UTF8')) AS video, number %% 4 * 360000 AS start_ms
          FROM generate_series(0, 79) AS number) AS drawn;
    CREATE TEMPORARY TABLE a_segment ON COMMIT DROP AS
    SELECT *, clip_id || '.' || begin_ms || '_' || begin_ms + 9500 AS segment_id
    FROM (SELECT a_clip.*, place, start_ms + place * 9500 AS begin_ms FROM a_clip CROSS JOIN generate_series(0, 37) AS place) AS cut;
    CREATE TEMPORARY TABLE a_unit ON COMMIT DROP AS
    SELECT *, sha256(convert_to(stage || subject, 'UTF8')) AS key, hashtext(stage || subject) & 1023 AS luck
    FROM (
        SELECT stage, kind, shard, clip_id, CASE kind WHEN 'row' THEN (number + 2)::text ELSE clip_id END AS unit_id, clip_id AS subject,
               CASE WHEN parent IS NOT NULL THEN sha256(convert_to(parent || clip_id, 'UTF8')) END AS parent
        FROM a_clip CROSS JOIN (VALUES ('register', 'row', NULL), ('split', 'clip', 'register'), ('frames', 'clip', 'split'))
            AS stage (stage, kind, parent)
        UNION ALL
        SELECT stage, 'segment', shard, clip_id, segment_id, segment_id,
               sha256(convert_to(parent || CASE parent WHEN 'frames' THEN clip_id ELSE segment_id END, 'UTF8'))
        FROM a_segment CROSS JOIN (VALUES ('caption', 'frames'), ('mcg', 'caption'), ('av_narration', 'mcg'), ('qa_avsn', 'av_narration'),
                                          ('qa_avh_sound', 'av_narration'), ('qa_ssa', 'av_narration')) AS stage (stage, parent)
        UNION ALL
        SELECT 'verify', 'qa', shard, clip_id, 'qa_' || left(md5(task || segment_id), 20), 'qa_' || left(md5(task || segment_id), 20),
               sha256(convert_to(task || segment_id, 'UTF8'))
        FROM a_segment CROSS JOIN (VALUES ('qa_avsn'), ('qa_avh_sound')) AS task (task)
    ) AS every;
"""
_SOURCES = """
    INSERT INTO video (sha256, size_bytes, duration_ms, width, height, rate_num, rate_den, picture_codec)
    SELECT DISTINCT video, 1000000, 1440000, 1280, 720, 30, 1, 'h264' FROM a_clip;
    INSERT INTO clip SELECT clip_id, video, start_ms, start_ms + 360000 FROM a_clip;
    INSERT INTO build_row (build_seq, row_no, start_ms, end_ms, shard, video_id, uri, split, clip_id)
    SELECT %(seq)s, number + 2, start_ms, start_ms + 360000, shard, 'video-' || %(seq)s || '-' || number / 4, 'v.mp4', 'train', clip_id
    FROM a_clip;
    INSERT INTO segment SELECT segment_id, clip_id, place, begin_ms, begin_ms + 9500, false FROM a_segment;
    INSERT INTO qa_pair
    SELECT 'qa_' || left(md5(task || segment_id), 20), sha256(convert_to(task || segment_id, 'UTF8')), clip_id, begin_ms, begin_ms + 9500,
           substr(task, 4), NULL, NULL, 'Which sound is heard at second ' || place || ' of this part of the video?',
           'A door that falls shut.', '{}', ARRAY[segment_id]
    FROM a_segment CROSS JOIN (VALUES ('qa_avsn'), ('qa_avh_sound')) AS task (task);
"""
_WORK = """
    CREATE TEMPORARY TABLE a_state ON COMMIT DROP AS
    SELECT *,
           (CASE WHEN luck < 15 THEN 'failed' WHEN luck < 25 THEN 'dropped' WHEN luck < 30 THEN 'blocked' ELSE 'done' END)::unit_state
               AS state,
           CASE WHEN luck < 15 THEN (ARRAY['reply_truncated', 'reply_off_schema', 'server_error'])[1 + luck %% 3]
                WHEN luck < 25 THEN 'too_few_events' WHEN luck < 30 THEN 'input_missing' END AS reason,
           CASE WHEN luck < 15 THEN 3 WHEN luck >= 25 AND luck < 30 THEN 0 ELSE 1 END AS attempts
    FROM a_unit;
    INSERT INTO build_unit (build_seq, shard, attempts, unit_kind, state, computed, stage, unit_id, key, clip_id, reason, error_class,
                            message)
    SELECT %(seq)s, shard, attempts, kind::unit_kind, state, state IN ('done', 'dropped', 'failed'), stage, unit_id,
           CASE WHEN state IN ('done', 'dropped') THEN key END, clip_id, reason, CASE WHEN state = 'failed' THEN 'data' END,
           CASE WHEN state = 'failed' THEN 'The reply was cut off after 1024 tokens.' END
    FROM a_state ORDER BY stage, shard, unit_id;
    INSERT INTO attempt (build_seq, ended_at, worker_id, seconds, unit_kind, state, requests, prompt_tokens, completion_tokens, shard,
                         number, stage, unit_id, model, reason, error_class)
    SELECT %(seq)s, now(), (%(seq)s - 1) * 10 + shard + 1, 0.25, kind::unit_kind, state, 1, 800, 90, shard, number, stage, unit_id,
           'measured@1', reason, CASE WHEN state = 'failed' THEN 'data' END
    FROM a_state CROSS JOIN LATERAL generate_series(1, attempts) AS number;
    INSERT INTO result (key, build_seq, config_id, part_id, part_row, seconds, status, unit_id, drop_reason)
    SELECT key, %(seq)s, config.id, 1, 0, 0.25, (CASE state WHEN 'done' THEN 'ok' ELSE 'drop' END)::result_status, subject,
           CASE state WHEN 'dropped' THEN reason END
    FROM a_state JOIN stage_config AS config ON config.stage = a_state.stage WHERE state IN ('done', 'dropped');
    INSERT INTO edge SELECT key, parent FROM a_state WHERE parent IS NOT NULL AND state IN ('done', 'dropped');
    INSERT INTO dataset_version (dataset, number, build_seq, manifest_sha256, path, state, counts)
    VALUES ('egoavu', %(seq)s, %(seq)s, sha256(convert_to('v' || %(seq)s, 'UTF8')), 'versions/egoavu/' || %(seq)s,
            (CASE WHEN %(seq)s = %(last)s THEN 'published' ELSE 'superseded' END)::version_state, '{"train": {"avsn": 2900}}');
    INSERT INTO version_pair (qa_id, dataset, since)
    SELECT unit_id, 'egoavu', %(seq)s FROM a_state WHERE stage = 'verify' AND state = 'done';
"""
_SUM = """
    INSERT INTO stage_count (build_seq, stage, shard, state, units, computed)
    SELECT build_seq, stage, shard, state, count(*), count(*) FILTER (WHERE computed) FROM build_unit WHERE build_seq = %(seq)s
    GROUP BY 1, 2, 3, 4;
    INSERT INTO shard_count (build_seq, shard, units, failed, pending)
    SELECT build_seq, shard, count(*), count(*) FILTER (WHERE state = 'failed'), 0 FROM build_unit WHERE build_seq = %(seq)s GROUP BY 1, 2;
    INSERT INTO clip_pairs (build_seq, shard, pairs, clip_id, task)
    SELECT %(seq)s, shard, count(*), pair.clip_id, task FROM a_state JOIN qa_pair AS pair ON qa_id = unit_id
    WHERE stage = 'verify' AND state = 'done' GROUP BY shard, pair.clip_id, task;
    INSERT INTO usage_total (build_seq, shard, attempts, failed, requests, prompt_tokens, completion_tokens, seconds, stage, model)
    SELECT build_seq, shard, count(*), count(*) FILTER (WHERE state = 'failed'), sum(requests), sum(prompt_tokens), sum(completion_tokens),
           sum(seconds), stage, model
    FROM attempt WHERE build_seq = %(seq)s GROUP BY build_seq, shard, stage, model;
"""


def fill(url: str, builds: int) -> dict[str, float]:
    """Load that many builds; returns seconds by step. The indexes of global tables are made at the end, as a restore does."""
    seconds: dict[str, float] = {}
    with closing(psycopg2.connect(url, options="-c search_path=lineage")) as connection, connection, connection.cursor() as cursor:
        cursor.execute(_STAGES)
        cursor.execute("INSERT INTO part (sha256, path, size_bytes, rows) VALUES (sha256('x'), 'caption/ab/x.jsonl.zst', 100, 1)")
        cursor.execute("SELECT ensure_partitions(1, %s)", (builds + 3,))
        cursor.execute("ALTER TABLE build_unit DISABLE TRIGGER USER")
        cursor.execute("ALTER TABLE result DROP CONSTRAINT result_pkey")
        cursor.execute("DROP INDEX edge_child_idx, edge_parent_idx, result_config_id_idx")
    started = time.monotonic()
    with ProcessPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(_fill_builds, [(url, first, builds) for first in range(1, CONNECTIONS + 1)]))
    seconds["load"] = time.monotonic() - started
    with closing(psycopg2.connect(url, options="-c search_path=lineage")) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SET maintenance_work_mem = '512MB'")
            cursor.execute("ALTER TABLE result ADD CONSTRAINT result_pkey PRIMARY KEY (key)")
            cursor.execute("CREATE INDEX edge_child_idx ON edge USING hash (child)")
            cursor.execute("CREATE INDEX edge_parent_idx ON edge USING hash (parent)")
            cursor.execute("CREATE INDEX result_config_id_idx ON result (config_id)")
            cursor.execute("ALTER TABLE build_unit ENABLE TRIGGER USER")
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('build', 'seq'), {builds})")
            cursor.execute("VACUUM ANALYZE")
    seconds["keys and vacuum"] = time.monotonic() - started - seconds["load"]
    return seconds


def _fill_builds(what: tuple[str, int, int]) -> None:
    url, first, last = what
    with closing(psycopg2.connect(url, options="-c search_path=lineage -c synchronous_commit=off")) as connection:
        for seq in range(first, last + 1, CONNECTIONS):
            with connection, connection.cursor() as cursor:
                for statements in (_BUILD, _SOURCES, _WORK, _SUM):
                    cursor.execute(statements, {"seq": seq, "last": last})
