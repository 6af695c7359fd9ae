"""One form of video as data: everything that its bytes and its truth depend on."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, cycle, takewhile
from typing import Literal

LENGTH_MS = 12_000
"""All videos show as much: a whole segment and a short one."""
SIZE = (320, 192)
MILLISECOND = Fraction(1, 1000)


@dataclass(frozen=True)
class SoundFormat:
    """The sound. There is none before `from_ms` and after `to_ms`."""

    rate_hz: int = 48_000
    channels: Literal[1, 2, 6] = 2
    codec: str = "aac"
    from_ms: int = 0
    to_ms: int = LENGTH_MS


@dataclass(frozen=True)
class VideoFormat:
    """One video. Times count from the start of presentation, but for `hidden_ms` and `begins_at_s`.

    `hidden_ms` is encoded before the start and cut off by an edit list; `begins_at_s` is the presentation time that the
    container gives the start. `lead_in` is the silence before pictures and sound that the container cannot cut off.
    """

    name: str
    what: str
    suffix: str = "mp4"
    codec: Literal["libx264", "libx265", "libvpx-vp9"] = "libx264"
    pix_fmt: str = "yuv420p"
    rate: Fraction = Fraction(30)
    pattern_ms: tuple[int, ...] = ()
    """How long pictures last, over and over, where the rate varies."""
    bframes: int = 2
    gop: int = 250
    turned: int = 0
    pixel_aspect: Fraction = Fraction(1)
    sound: SoundFormat | None = SoundFormat()
    hidden_ms: int = 0
    begins_at_s: int = 0
    lead_in: Fraction = Fraction(0)

    @property
    def file(self) -> str:
        """The file's name."""
        return f"{self.name}.{self.suffix}"

    @property
    def unit(self) -> Fraction:
        """What `begins` counts in, in seconds."""
        return MILLISECOND if self.pattern_ms else 1 / self.rate

    @property
    def begins(self) -> tuple[int, ...]:
        """When each picture begins, in units from the start of presentation; the hidden ones before 0."""
        if self.pattern_ms:
            return tuple(takewhile(lambda begin: begin < LENGTH_MS, accumulate(cycle(self.pattern_ms), initial=0)))
        hidden = self.hidden_ms * self.rate // 1000
        return tuple(range(-int(hidden), -int(-LENGTH_MS * self.rate // 1000)))

    @property
    def end_s(self) -> Fraction:
        """When the last picture ends, in seconds; encoders say that it lasts 1 / rate."""
        return self.begins[-1] * self.unit + 1 / self.rate

    @property
    def shown_size(self) -> tuple[int, int]:
        """Width and height that a player shows."""
        return round(SIZE[0] * self.pixel_aspect), SIZE[1]

    @property
    def coded_size(self) -> tuple[int, int]:
        """Width and height of the encoded pictures, before a player turns and widens them."""
        return (SIZE[1], SIZE[0]) if self.turned % 180 else SIZE
