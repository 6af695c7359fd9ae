"""One decode of a window into a small Matroska file: pictures on a grid of times, and the window's sound."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from fractions import Fraction
from itertools import chain, pairwise
from pathlib import Path
from typing import cast

from av.packet import Packet
from av.stream import Stream

from egoetl.core.errors import InternalError
from egoetl.core.media_port import SampledFrames
from egoetl.core.sources import MediaFile
from egoetl.media.libav import MILLISECONDS, Muxer, open_input, open_output, picture_stream, unit_of
from egoetl.media.picture_track import PictureTrack
from egoetl.media.pictures import PictureClock, on_screen, pictures_from
from egoetl.media.upright import shown_size

SOUND_AHEAD_MS = 500


def sample(
    file: MediaFile, start_ms: int, end_ms: int, sound: Path | None, out: Path, *, grid_ms: Sequence[int], max_side: int
) -> SampledFrames:
    """Write the sampled container of [start_ms, end_ms); see `core.ports.Media.sample`.

    Raises:
        DataError: `file_missing`, `not_a_video`, `no_picture`, `undecodable`, `picture_corrupt`, `picture_untimed`,
            `picture_missing` or `pictures_lost`.
    """
    _check_grid(grid_ms, start_ms, end_ms)
    with ExitStack() as stack:
        source = stack.enter_context(open_input(file))
        stream = picture_stream(source, file)
        clock = PictureClock(source, stream)
        times = [clock.ticks(time) for time in grid_ms]
        seen = on_screen(pictures_from(source, stream, times[0], file, shown_at=times), times, file)
        first = next(seen)
        container = stack.enter_context(open_output(out, "matroska"))
        size = scaled_size(*shown_size(stream, first[1]), max_side)
        pictures = PictureTrack(container, size, [time - start_ms for time in grid_ms], end_ms - start_ms)
        voice = _SoundTrack(container, stack, sound) if sound is not None else None
        shown: list[int] = []
        for pts, frame in chain([first], seen):
            clock.check_shown(pts, times[len(shown)], file)
            if voice is not None:
                voice.write_until(grid_ms[len(shown)] - start_ms + SOUND_AHEAD_MS)
            shown.append(clock.milliseconds(pts))
            pictures.write(frame)
        if voice is not None:
            voice.write_until(None)
    return SampledFrames(width=size[0], height=size[1], source_pts_ms=tuple(shown))


def scaled_size(width: int, height: int, max_side: int) -> tuple[int, int]:
    """Even width and height of which the longer is at most `max_side`; the shape is kept and nothing grows."""
    scale = min(Fraction(1), Fraction(max_side, max(width, height)))
    return max(2, int(width * scale / 2 + Fraction(1, 4)) * 2), max(2, int(height * scale / 2 + Fraction(1, 4)) * 2)


def _check_grid(grid_ms: Sequence[int], start_ms: int, end_ms: int) -> None:
    rising = all(earlier < later for earlier, later in pairwise(grid_ms))
    if not grid_ms or not rising or grid_ms[0] < start_ms or grid_ms[-1] >= end_ms:
        raise InternalError(f"The grid of times must rise within [{start_ms}, {end_ms}) ms.", reason="grid_invalid")


class _SoundTrack:
    """The FLAC's packets, copied in step with the pictures so that the muxer can interleave them."""

    def __init__(self, container: Muxer, stack: ExitStack, sound: Path) -> None:
        source = stack.enter_context(open_input(sound))
        stream = source.streams.audio[0]
        self._container = container
        self._stream = container.add_stream_from_template(stream)
        self._packets: Iterator[Packet[Stream]] = (cast("Packet[Stream]", packet) for packet in source.demux(stream) if packet.size)
        self._ms_per_unit = unit_of(stream) * MILLISECONDS
        self._written_ms = Fraction(-1)

    def write_until(self, milliseconds: int | None) -> None:
        """Copy the packets that begin before a time, to the next whole packet; all that are left for None."""
        while milliseconds is None or self._written_ms < milliseconds:
            packet = next(self._packets, None)
            if packet is None:
                return
            self._written_ms = (packet.pts or 0) * self._ms_per_unit
            packet.stream = self._stream
            self._container.mux(packet)
