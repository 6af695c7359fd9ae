"""Whether a file is all there: what its outside and its index say against the bytes that it has."""

from av.container import InputContainer

from egoetl.core.errors import DataError
from egoetl.core.sources import MediaFile
from egoetl.media.outline import Outline

MOST_SAMPLES = 5_000_000
"""A day of pictures. libav takes some hundred bytes for each that an index claims, so that a lie of a few bytes takes gigabytes."""


def check_outline(outline: Outline | None, file: MediaFile) -> None:
    """Raises DataError `file_cut_off`, `index_missing` or `index_lies` for a file that need not, or must not, be opened to see it."""
    if outline is None:
        return
    if outline.ends_at > file.stat().st_size and (outline.spread or not outline.indexed):
        raise _cut_off(outline, file)
    if not outline.indexed:
        raise DataError(
            f"{file} has no index (no moov box): its recording was never finished, or its end is lost;"
            " copy it again, or let a recovery tool mend it.",
            reason="index_missing",
        )
    if outline.claimed_samples > MOST_SAMPLES:
        raise DataError(
            f"The index of {file} counts {outline.claimed_samples} samples, more than a file can hold; replace the file.",
            reason="index_lies",
        )


def check_index(container: InputContainer, outline: Outline | None, file: MediaFile) -> None:
    """Compare an index that lies in one place with the file. Raises DataError `file_cut_off` or `index_lies`."""
    if outline is None or outline.spread:
        return
    size = file.stat().st_size
    streams = [*container.streams.video, *container.streams.audio]
    furthest = max((entry.pos + entry.size for stream in streams for entry in stream.index_entries), default=0)
    if furthest <= size:
        return
    if outline.ends_at > size:
        raise _cut_off(outline, file)
    raise DataError(
        f"The index of {file} looks for samples up to byte {furthest}, but the file has {size}; replace the file.", reason="index_lies"
    )


def _cut_off(outline: Outline, file: MediaFile) -> DataError:
    return DataError(
        f"{file} has {file.stat().st_size} bytes of at least {outline.ends_at}: it was cut off; copy it again.",
        reason="file_cut_off",
    )
