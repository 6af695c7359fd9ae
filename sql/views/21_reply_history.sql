-- Every exchange with a model: who was asked what for which attempt, how the reply was judged, and where its words lie.

CREATE VIEW lineage.reply_history AS
SELECT reply.build_seq, build.name AS build, reply.stage, reply.unit_kind, reply.unit_id, reply.shard, reply.number AS attempt,
       reply.ordinal, reply.turn, reply.role, reply.task, reply.model, reply.status, reply.finish_reason, reply.tries,
       reply.prompt_tokens, reply.completion_tokens, reply.cached_tokens, reply.thinking_length, reply.seconds,
       encode(reply.request, 'hex') AS request, part.path AS part, reply.part_row
FROM lineage.reply
JOIN lineage.build ON build.seq = reply.build_seq
LEFT JOIN lineage.reply_part AS part ON part.id = reply.reply_part_id;
COMMENT ON VIEW lineage.reply_history IS
    'Every request to a model and its reply, how it was judged, and the part file and row in which its words lie (egoetl replies prints them).';
