-- How the models of the newest build replied, by model and task: statuses, and the shares that were repaired and cut off.
SELECT model, task, questions, replies, ok, repaired, off_schema, truncated, empty, refused, too_long, other_model, timed_out, server_error,
       answered_share, repaired_share, truncated_share
FROM lineage.of_build(NULL::lineage.reply_statuses, (SELECT max(seq) FROM lineage.build))
ORDER BY model, task;
