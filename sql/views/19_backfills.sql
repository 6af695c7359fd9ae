-- Which backfills there were, what they mend, and how far that is.

CREATE VIEW lineage.backfills AS
SELECT backfill.build_seq, build.name AS build, build.dataset, build.state, build.created_at, build.version,
       version.state AS version_state, version.mends AS mends_version, backfill.units AS selected_units, backfill.selection,
       mended.builds AS mends, mended.whole AS made_whole,
       (SELECT count(*)::integer FROM lineage.superseded_result WHERE superseded_result.build_seq = backfill.build_seq) AS superseded
FROM lineage.backfill
JOIN lineage.build ON build.seq = backfill.build_seq
LEFT JOIN lineage.dataset_version AS version ON version.dataset = build.dataset AND version.number = build.version
CROSS JOIN LATERAL (
    SELECT array_agg(old.name ORDER BY old.seq) AS builds, array_agg(old.name ORDER BY old.seq) FILTER (WHERE link.whole) AS whole
    FROM lineage.backfill_build AS link JOIN lineage.build AS old ON old.seq = link.mends_seq
    WHERE link.build_seq = backfill.build_seq
) AS mended;
COMMENT ON VIEW lineage.backfills IS
    'Backfills, with what was asked, the builds that each mends, those that are whole with it, its version and the one that this replaces, and how many results it superseded.';
