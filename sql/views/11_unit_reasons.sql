-- Why units were dropped, failed or were blocked.

CREATE VIEW lineage.unit_reasons AS
SELECT build.seq AS build_seq, build.name AS build, unit.stage, unit.state, unit.reason, count(*)::integer AS units
FROM lineage.build
JOIN lineage.build_unit AS unit ON unit.build_seq = build.seq AND unit.state IN ('dropped', 'failed', 'blocked')
GROUP BY build.seq, build.name, unit.stage, unit.state, unit.reason;
COMMENT ON VIEW lineage.unit_reasons IS 'Drops, failures and blocks of each build by stage and reason.';
