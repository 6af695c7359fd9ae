"""Part files without some of their records, for a video that is withdrawn."""

from collections.abc import Collection, Iterable

from zstandard import ZstdCompressor, ZstdDecompressor, ZstdError

from egoetl.core.errors import DataError
from egoetl.core.ports import Store
from egoetl.core.records import Artifact
from egoetl.storage.parts import LEVEL, MEDIA_TYPE, SUFFIX

_NOTHING = b"null"


def blank_rows(store: Store, path: str, rows: Collection[int]) -> Artifact:
    """Keep a copy of a part in which these rows hold nothing; the others keep their places.

    The same rows of the same part give the same file. Raises DataError `artifact_missing` or `part_corrupt`.
    """
    lines = _lines(store, path)
    for row in rows:
        lines[row] = _NOTHING
    data = ZstdCompressor(level=LEVEL, write_checksum=True).compress(b"".join(line + b"\n" for line in lines))
    return store.put_bytes(path.rsplit("/", 2)[0], data, suffix=SUFFIX, media_type=MEDIA_TYPE)


def rows_with(store: Store, path: str, words: Iterable[str]) -> list[tuple[str, int]]:
    """Which of these words stand in which rows of a part. Raises as `blank_rows` does."""
    lines = _lines(store, path)
    return [(word, row) for word in words for row, line in enumerate(lines) if word.encode() in line]


def _lines(store: Store, path: str) -> list[bytes]:
    try:
        return ZstdDecompressor().decompress(store.read(path), allow_extra_data=False).splitlines()
    except ZstdError as error:
        raise DataError(
            f"The part file {path} is damaged: {error}; `egoetl store check --repair` forgets it.", reason="part_corrupt"
        ) from error
