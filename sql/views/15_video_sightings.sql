-- Under which names each video was seen.

CREATE VIEW lineage.video_sightings AS
SELECT encode(clip.video, 'hex') AS video_sha256, seen.video_id, seen.uri, seen.build_seq, build.name AS build, seen.row_no, seen.split,
       seen.start_ms, seen.end_ms, seen.clip_id
FROM lineage.build_row AS seen
JOIN lineage.clip ON clip.clip_id = seen.clip_id
JOIN lineage.build ON build.seq = seen.build_seq;
COMMENT ON VIEW lineage.video_sightings IS 'Manifest rows of builds by the bytes that they turned out to name.';
