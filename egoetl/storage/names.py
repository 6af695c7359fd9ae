"""Paths within a store: how content is named, and which paths are refused."""

from egoetl.core.errors import DataError


def content_path(prefix: str, sha256: str, suffix: str) -> str:
    """Where bytes of this sha256 lie."""
    return checked_path(f"{prefix}/{sha256[:2]}/{sha256}{suffix}")


def checked_path(path: str) -> str:
    """The path itself. Raises DataError `path_escapes_root` unless it is relative, plain and not hidden.

    A part that begins with a dot is `.`, `..` or somebody's work in progress.
    """
    parts = path.split("/")
    if "\0" in path or "\\" in path or any(not part or part.startswith(".") for part in parts):
        raise DataError(f"{path!r} is no path in a store; give a relative one without `..` or hidden parts.", reason="path_escapes_root")
    return path
