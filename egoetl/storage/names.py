"""Paths within a store: how content is named, and which paths are refused."""

import re

from egoetl.core.errors import DataError

_CONTENT_NAME = re.compile(r"/([0-9a-f]{2})/\1[0-9a-f]{62}(\.[^/]*)?$")


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


def is_path(path: str) -> bool:
    """Whether `checked_path` lets it pass."""
    try:
        checked_path(path)
    except DataError:
        return False
    return True


def is_content_name(path: str) -> bool:
    """Whether `content_path` makes such names: only equal bytes are ever written there."""
    return _CONTENT_NAME.search(path) is not None
