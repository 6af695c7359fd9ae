"""What is true of each video of the set: the shape of its `truth.json`."""

from fractions import Fraction

from egoetl.core.records import Record
from egoetl.footage.formats.scene import chirps_heard
from egoetl.footage.formats.video_format import SoundFormat, VideoFormat


class SoundTruth(Record):
    """The sound as it was written; each chirp begins at its instant, in milliseconds of the source."""

    rate_hz: int
    channels: int
    from_ms: float
    to_ms: float
    chirps_ms: tuple[float, ...]


class FormatTruth(Record):
    """One video. Picture number `numbers[i]` is on screen from `begins_ms[i]`; times are milliseconds of the source."""

    file: str
    what: str
    width: int
    height: int
    duration_ms: int
    numbers: tuple[int, ...]
    begins_ms: tuple[float, ...]
    sound: SoundTruth | None


class FormatsTruth(Record):
    """`truth.json`: video ids to what is true of them."""

    videos: dict[str, FormatTruth]


def truth_of(video: VideoFormat) -> FormatTruth:
    """Everything that is known of a video. Milliseconds that are no whole numbers are rounded to a nanosecond."""
    width, height = video.shown_size
    shown = [(number, begin) for number, begin in enumerate(video.begins) if begin >= 0]
    return FormatTruth(
        file=video.file,
        what=video.what,
        width=width,
        height=height,
        duration_ms=int((video.end_s + video.lead_in) * 1000),
        numbers=tuple(number for number, _ in shown),
        begins_ms=tuple(_milliseconds(begin * video.unit + video.lead_in) for _, begin in shown),
        sound=_sound(video.sound, video.lead_in) if video.sound else None,
    )


def _sound(sound: SoundFormat, lead_in: Fraction) -> SoundTruth:
    def placed(at_ms: int) -> float:
        return _milliseconds(Fraction(at_ms, 1000) + lead_in)

    return SoundTruth(
        rate_hz=sound.rate_hz,
        channels=sound.channels,
        from_ms=placed(sound.from_ms),
        to_ms=placed(sound.to_ms),
        chirps_ms=tuple(placed(at_ms) for at_ms in chirps_heard(sound)),
    )


def _milliseconds(seconds: Fraction) -> float:
    return round(float(seconds * 1000), 6)
