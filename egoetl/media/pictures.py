"""Which picture is on screen when: decoding from a point in time, by presentation time."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import chain

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from egoetl.core.errors import DataError
from egoetl.core.sources import MediaFile
from egoetl.media.libav import MILLISECONDS, origin_s, reading, unit_of
from egoetl.media.sparing import sparing

PRE_ROLL_S = (0, 2, 10, 60)
LONGEST_STILL_S = 10
"""A camera on somebody's head shows no picture longer: behind a time like that pictures are lost, or the time is a lie."""
BEFORE_ANY_S = 5
"""Containers without an index may seek past the first key frame unless the target lies well before it."""


class PictureClock:
    """Between milliseconds of the source and presentation times of its picture stream."""

    def __init__(self, container: InputContainer, stream: VideoStream) -> None:
        self._unit = unit_of(stream)
        self._origin = origin_s(container)
        self._longest_still = int(LONGEST_STILL_S / self._unit)

    def ticks(self, milliseconds: int) -> int:
        """The last presentation time that is not after `milliseconds`."""
        return int((Fraction(milliseconds, MILLISECONDS) + self._origin) // self._unit)

    def milliseconds(self, ticks: int) -> int:
        """Milliseconds of the source, rounded down."""
        return int((ticks * self._unit - self._origin) * MILLISECONDS // 1)

    def check_shown(self, pts: int, time: int, file: MediaFile) -> None:
        """Raises DataError `pictures_lost` if the picture of `pts` is shown at a time that is too far from it."""
        if abs(time - pts) > self._longest_still:
            raise DataError(
                f"{file} has no new picture for more than {LONGEST_STILL_S} s around {self.milliseconds(time)} ms: pictures are lost;"
                " replace the file or leave the window out.",
                reason="pictures_lost",
            )


def pictures_from(
    container: InputContainer, stream: VideoStream, start: int, file: MediaFile, shown_at: Sequence[int] | None = None
) -> Iterator[tuple[int, av.VideoFrame]]:
    """(presentation time, picture) in time order, from the one on screen at `start` or one before it.

    A key frame that the index puts before `start` may be shown after it (B-frames, open groups of pictures),
    so the search goes back until it is not. All times are in the stream's unit. With `shown_at`, rising times,
    pictures may be left out that are on screen at none of them.
    """
    second = int(1 / unit_of(stream))
    begin = min(stream.start_time or 0, start) - BEFORE_ANY_S * second
    for back_s in PRE_ROLL_S:
        frames = _decode(container, stream, max(begin, start - back_s * second), file, shown_at)
        first = next(frames, None)
        if first is not None and first[0] <= start:
            yield first
            yield from frames
            return
    yield from _decode(container, stream, begin, file, shown_at)


def _decode(
    container: InputContainer, stream: VideoStream, offset: int, file: MediaFile, shown_at: Sequence[int] | None
) -> Iterator[tuple[int, av.VideoFrame]]:
    with reading(file, "picture_corrupt", "decoded"):
        container.seek(offset, stream=stream)
        packets = container.demux(stream) if shown_at is None else sparing(container.demux(stream), stream, shown_at)
        last: int | None = None
        for frame in chain.from_iterable(packet.decode() for packet in packets):
            if frame.pts is None or (last is not None and frame.pts < last):
                raise DataError(
                    f"The pictures of {file} have missing or disordered presentation times; remux it.", reason="picture_untimed"
                )
            if frame.is_corrupt:
                raise DataError(f"A picture of {file} is damaged; replace the file or leave the clip out.", reason="picture_corrupt")
            last = frame.pts
            yield last, frame


def on_screen(pictures: Iterator[tuple[int, av.VideoFrame]], times: Sequence[int], file: MediaFile) -> Iterator[tuple[int, av.VideoFrame]]:
    """For each of the rising `times`, the picture shown then: the last that began, or the first there is."""
    shown = next(pictures, None)
    if shown is None:
        raise DataError(f"{file} has no picture in the window; it may be cut off.", reason="picture_missing")
    following = next(pictures, None)
    for time in times:
        while following is not None and following[0] <= time:
            shown, following = following, next(pictures, None)
        yield shown
