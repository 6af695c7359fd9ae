-- What hangs on the first video of the newest build that registered any, by stage, and what making it has cost.
SELECT stage, direct, below, round(seconds::numeric, 1) AS seconds, requests, prompt_tokens, completion_tokens, without_attempt, uncounted
FROM lineage.impact('video', (
    SELECT encode(clip.video, 'hex')
    FROM lineage.build_row AS seen
    JOIN lineage.clip ON clip.clip_id = seen.clip_id
    ORDER BY seen.build_seq DESC, seen.row_no LIMIT 1
));
