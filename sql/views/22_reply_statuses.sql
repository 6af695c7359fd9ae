-- How the replies of each model to each task were judged. A question is asked once, and again after a reply that is no answer.

CREATE VIEW lineage.reply_statuses AS
SELECT reply.build_seq, build.name AS build, reply.stage, reply.task, reply.role, reply.model, count(*) AS replies,
       count(*) FILTER (WHERE reply.turn = 0) AS questions,
       count(*) FILTER (WHERE reply.status = 'ok') AS ok,
       count(*) FILTER (WHERE reply.status = 'repaired') AS repaired,
       count(*) FILTER (WHERE reply.status = 'off_schema') AS off_schema,
       count(*) FILTER (WHERE reply.status = 'truncated') AS truncated,
       count(*) FILTER (WHERE reply.status = 'empty') AS empty,
       count(*) FILTER (WHERE reply.status = 'refused') AS refused,
       count(*) FILTER (WHERE reply.status = 'too_long') AS too_long,
       count(*) FILTER (WHERE reply.status = 'other_model') AS other_model,
       count(*) FILTER (WHERE reply.status = 'timed_out') AS timed_out,
       count(*) FILTER (WHERE reply.status = 'server_error') AS server_error,
       round((count(*) FILTER (WHERE reply.status IN ('ok', 'repaired')))::numeric / nullif(count(*) FILTER (WHERE reply.turn = 0), 0), 4)
           AS answered_share,
       round((count(*) FILTER (WHERE reply.status = 'repaired'))::numeric / nullif(count(*) FILTER (WHERE reply.turn = 0), 0), 4)
           AS repaired_share,
       round((count(*) FILTER (WHERE reply.status = 'truncated'))::numeric / count(*), 4) AS truncated_share,
       sum(reply.prompt_tokens) AS prompt_tokens, sum(reply.cached_tokens) AS cached_tokens,
       sum(reply.completion_tokens) AS completion_tokens, round(sum(reply.seconds)::numeric, 1) AS seconds
FROM lineage.reply
JOIN lineage.build ON build.seq = reply.build_seq
GROUP BY reply.build_seq, build.name, reply.stage, reply.task, reply.role, reply.model;
COMMENT ON VIEW lineage.reply_statuses IS
    'Replies by build, stage, task, role and model: how many of each status, the shares of questions that were answered and of those that took a corrective turn, the share of replies that were cut off, and tokens.';
