"""Which bytes a name stands for: a video's id in a manifest, or its sha256."""

from sqlalchemy import text
from sqlalchemy.engine import Connection

from egoetl.core.errors import CallerError

_IS_SHA = text(
    """
    SELECT encode(sha256, 'hex') FROM (SELECT sha256 FROM video UNION SELECT sha256 FROM arrival_video) AS known
    WHERE sha256 = CASE WHEN :name ~ '^[0-9a-f]{64}$' THEN decode(:name, 'hex') END
    """
)
_NAMED = text(
    """
    SELECT encode(video, 'hex') FROM clip JOIN build_row USING (clip_id) WHERE video_id = :name
    UNION SELECT encode(sha256, 'hex') FROM arrival_video WHERE video_id = :name ORDER BY 1
    """
)
_BURIED = text("SELECT encode(video, 'hex') FROM tombstone WHERE encode(video, 'hex') = :name OR :name = ANY(video_ids) ORDER BY 1")


def find_video(connection: Connection, name: str) -> tuple[str, bool]:
    """The sha256 of the video that a manifest id or a sha256 names, and whether it is withdrawn already.

    Raises CallerError `video_unknown` or `video_ambiguous`.
    """
    values = {"name": name}
    found = connection.execute(_IS_SHA, values).scalars().all() or connection.execute(_NAMED, values).scalars().all()
    if len(found) > 1:
        raise CallerError(f"{name!r} names {len(found)} files; say which by its sha256: {', '.join(found)}.", reason="video_ambiguous")
    if found:
        return found[0], False
    if buried := connection.execute(_BURIED, values).scalars().all():
        return buried[0], True
    raise CallerError(f"No registered video is named {name!r}, by its id in a manifest or its sha256.", reason="video_unknown")
