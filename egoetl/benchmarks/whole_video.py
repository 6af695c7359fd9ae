"""Questions about whole videos, and paths in published files that begin with folders of somebody else's machine."""

END_MS = 2**31 - 1
"""The end of a window that goes on to the end of its video, however long that is."""


def below(folder: str, path: str) -> str:
    """A path from the last folder of that name on, `/data/x/videos/a.mp4` below `videos` being `videos/a.mp4`; else as it is."""
    parts = path.replace("\\", "/").split("/")
    if folder not in parts[:-1]:
        return path
    at = len(parts) - 1 - parts[::-1].index(folder)
    return "/".join(parts[at:])
