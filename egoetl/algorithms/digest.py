"""The sha256 of a file, read once for as long as the file does not change."""

import hashlib
from functools import lru_cache
from pathlib import Path


def sha256_of_file(file: Path) -> str:
    """The sha256 of the file's bytes, in hex; asked again it is read again only if its size or time of change differ."""
    found = file.stat()
    return _digest(file, found.st_size, found.st_mtime_ns)


@lru_cache(maxsize=256)
def _digest(file: Path, _size: int, _modified_ns: int) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
