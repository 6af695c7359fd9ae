"""Which path within a folder of videos or of data a file may name, however it is spelled."""

from pathlib import PurePosixPath, PureWindowsPath
from urllib.parse import unquote

from egoetl.core.errors import DataError

_DECODED_AT_MOST = 5


def path_within(uri: str) -> PurePosixPath:
    """The path within the videos folder that a uri or id names.

    Names are taken as they stand. What would lead out of the folder if somebody read backslashes as separators or decoded
    percent signs, once or several times, is refused all the same: a store on another system might.

    Raises:
        DataError: `path_escapes_root`.
    """
    text = uri.removeprefix("file://")
    if not _stays_within(text):
        raise DataError(f"{shown(uri)} leads out of the videos folder; name a file within it.", reason="path_escapes_root")
    return PurePosixPath(text)


def shown(text: str, length: int = 60) -> str:
    """A value for a person to read: in quotation marks, on one line, cut where it is long."""
    return repr(text if len(text) <= length else text[:length] + "...")


def _stays_within(text: str) -> bool:
    for _ in range(_DECODED_AT_MOST):
        path = PurePosixPath(text.replace("\\", "/"))
        if not path.name or path.is_absolute() or ".." in path.parts or PureWindowsPath(text).is_absolute():
            return False
        decoded = unquote(text)
        if decoded == text:
            return True
        text = decoded
    return False
