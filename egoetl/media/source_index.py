"""Where the pictures and the sound of a source lie, read from its packets without decoding."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av

from egoetl.core.errors import DataError
from egoetl.media.libav import MILLISECONDS, open_input, origin_s, picture_stream, reading, sound_stream, unit_of

SETTLING_S = Fraction(1, 10)
"""Sound decodes rightly some packets after the point that a reader jumps to."""


@dataclass(frozen=True)
class PictureTrack:
    """The picture stream. `times` are all presentation times, rising, and `keys` those of key frames, in units of `unit` seconds."""

    index: int
    unit: Fraction
    times: Sequence[int]
    keys: Sequence[int]


@dataclass(frozen=True)
class SoundTrack:
    """The sound stream: its number in the file, its rate, and the stretch in which it has packets, in seconds of the container."""

    index: int
    rate_hz: int
    begin_s: Fraction
    end_s: Fraction


@dataclass(frozen=True)
class SourceIndex:
    """A source's streams. `origin_s` is the container's time that counts as 0 of the source, `start_s` where its packets begin."""

    file: Path
    origin_s: Fraction
    start_s: Fraction
    picture: PictureTrack
    sound: SoundTrack | None

    def ticks(self, milliseconds: int) -> int:
        """The first presentation time of the picture stream that is not before `milliseconds`."""
        return math.ceil(self.seconds(milliseconds) / self.picture.unit)

    def seconds(self, milliseconds: int) -> Fraction:
        """The container's time at `milliseconds` of the source."""
        return Fraction(milliseconds, MILLISECONDS) + self.origin_s

    def pictures(self, start_ms: int, end_ms: int) -> Sequence[int]:
        """Presentation times of the pictures that begin in [start_ms, end_ms). Raises DataError `picture_missing`."""
        times = self.picture.times
        found = times[bisect_left(times, self.ticks(start_ms)) : bisect_left(times, self.ticks(end_ms))]
        if not found:
            raise DataError(
                f"{self.file} has no picture between {start_ms} and {end_ms} ms; leave the window out.", reason="picture_missing"
            )
        return found

    def key_before(self, start_ms: int) -> Fraction | None:
        """The time of a key frame from which everything from `start_ms` on decodes, counted from `start_s`; None for the file's start."""
        before = bisect_right(self.picture.keys, (self.seconds(start_ms) - SETTLING_S) / self.picture.unit)
        return self.picture.keys[before - 1] * self.picture.unit - self.start_s if before else None

    def heard(self, start_ms: int, end_ms: int) -> bool:
        """Whether the sound stream has anything within the window."""
        return self.sound is not None and self.sound.begin_s < self.seconds(end_ms) and self.sound.end_s > self.seconds(start_ms)


def read_index(file: Path) -> SourceIndex:
    """Read all packets once. Raises DataError `file_missing`, `not_a_video`, `no_picture`, `undecodable` or `picture_untimed`."""
    with open_input(file) as container:
        picture, sound = picture_stream(container, file), sound_stream(container, file)
        wanted = [picture] if sound is None else [picture, sound]
        times: list[int] = []
        keys: list[int] = []
        heard: list[tuple[int, int]] = []
        with reading(file, "picture_corrupt", "read"):
            for packet in container.demux(wanted):
                if packet.size == 0 or packet.is_discard:
                    continue
                if packet.pts is None:
                    raise DataError(f"{file} holds packets without presentation times; remux it.", reason="picture_untimed")
                if packet.stream is not picture:
                    heard.append((packet.pts, packet.pts + (packet.duration or 0)))
                    continue
                times.append(packet.pts)
                if packet.is_keyframe:
                    keys.append(packet.pts)
        return SourceIndex(
            file=file,
            origin_s=origin_s(container),
            start_s=Fraction(container.start_time or 0, av.time_base),
            picture=PictureTrack(picture.index, unit_of(picture), tuple(sorted(times)), tuple(sorted(keys))),
            sound=None
            if sound is None or not heard
            else SoundTrack(
                sound.index, sound.rate, min(begin for begin, _ in heard) * unit_of(sound), max(end for _, end in heard) * unit_of(sound)
            ),
        )
