-- What arrived, where it lies, and which builds took it.

CREATE VIEW lineage.arrived_videos AS
SELECT video.dataset, video.video_id, encode(video.sha256, 'hex') AS video_sha256, video.address, video.split, video.duration_ms,
       video.night, video.arrived_at, clips.clips, files.files, builds.builds, builds.first_build
FROM lineage.arrival_video AS video
CROSS JOIN LATERAL (
    SELECT count(*) AS clips FROM lineage.arrival_clip AS clip WHERE (clip.dataset, clip.sha256) = (video.dataset, video.sha256)
) AS clips
CROSS JOIN LATERAL (
    SELECT count(*) AS files FROM lineage.arrival AS found WHERE (found.dataset, found.sha256) = (video.dataset, video.sha256)
) AS files
CROSS JOIN LATERAL (
    SELECT count(*) AS builds, (array_agg(took.name ORDER BY took.seq))[1] AS first_build
    FROM (
        SELECT DISTINCT build.seq, build.name FROM lineage.build_row AS seen
        JOIN lineage.build ON build.seq = seen.build_seq AND build.dataset = video.dataset AND build.state <> 'dropped'
        WHERE seen.sha256 = video.sha256
    ) AS took
) AS builds;
COMMENT ON VIEW lineage.arrived_videos IS 'Videos that arrived for a dataset: their clips, the files that hold them, and the builds that took them.';
