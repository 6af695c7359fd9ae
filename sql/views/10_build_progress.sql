-- How far each stage of each build is. Reads counts, never units.

CREATE VIEW lineage.build_progress AS
SELECT build.seq AS build_seq, build.name AS build, build.dataset, build.state AS build_state, counted.stage,
       counted.total, counted.done, counted.dropped, counted.failed, counted.blocked, counted.pending, counted.computed, counted.reused,
       row_number() OVER (
           PARTITION BY build.seq
           ORDER BY array_position(build.stages, counted.stage) NULLS FIRST, first_seen.id NULLS LAST, counted.stage
       ) AS position
FROM lineage.build
JOIN LATERAL (
    SELECT stage,
           sum(units)::integer AS total,
           coalesce(sum(units) FILTER (WHERE state = 'done'), 0)::integer AS done,
           coalesce(sum(units) FILTER (WHERE state = 'dropped'), 0)::integer AS dropped,
           coalesce(sum(units) FILTER (WHERE state = 'failed'), 0)::integer AS failed,
           coalesce(sum(units) FILTER (WHERE state = 'blocked'), 0)::integer AS blocked,
           coalesce(sum(units) FILTER (WHERE state = 'pending'), 0)::integer AS pending,
           coalesce(sum(computed) FILTER (WHERE state IN ('done', 'dropped')), 0)::integer AS computed,
           coalesce(sum(units - computed) FILTER (WHERE state IN ('done', 'dropped')), 0)::integer AS reused
    FROM lineage.stage_count
    WHERE stage_count.build_seq = build.seq
    GROUP BY stage
    HAVING sum(units) > 0
) AS counted ON true
LEFT JOIN LATERAL (SELECT min(id) AS id FROM lineage.stage_config WHERE stage_config.stage = counted.stage) AS first_seen ON true;
COMMENT ON VIEW lineage.build_progress IS
    'Units of each stage of each build by state: total = done + dropped + failed + blocked + pending. position follows the recipe.';
