"""The port of decoding: what stages and the runner ask of whoever reads containers."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from egoetl.core.records import Record, SampledClip, Video, Window
from egoetl.core.sources import MediaFile

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class SampledFrames(Record):
    """What `Media.sample` wrote."""

    width: int
    height: int
    source_pts_ms: tuple[int, ...]


class SampledMedia(Protocol):
    """The pictures and sound of one window of a sampled container."""

    @property
    def name(self) -> str:
        """What is seen and heard: equal names, equal pictures and sound."""
        ...

    @property
    def window(self) -> Window:
        """The window of the source."""
        ...

    @property
    def frame_ms(self) -> tuple[int, ...]:
        """Source time of each picture."""
        ...

    @property
    def frames_per_second(self) -> float:
        """How many pictures there are a second."""
        ...

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the pictures."""
        ...

    @property
    def has_sound(self) -> bool:
        """Whether the source has a sound track, be it silent."""
        ...

    def frames(self) -> "NDArray[np.uint8]":
        """Pictures as (count, height, width, 3), RGB."""
        ...

    def sound(self) -> "tuple[NDArray[np.float32], int]":
        """Samples in [-1, 1] as (samples,), mono, and their rate in Hz; no samples for a silent source."""
        ...

    def jpegs(self, times_ms: Sequence[int], width: int, height: int) -> tuple[bytes, ...]:
        """The pictures of some of the times in `frame_ms`, each a JPEG of that size; unchanged where it is their own."""
        ...

    def wav(self) -> bytes:
        """The sound as a 16-bit wav file; b"" for a silent source."""
        ...

    def mp4(self, jpegs: Sequence[bytes], per_second: float, *, sound: bool) -> bytes:
        """A video of pictures that follow each other at that rate, each as it is, with the window's sound in it if asked for."""
        ...


class Media(Protocol):
    """Decoding. The only code that reads containers."""

    @property
    def decoder(self) -> str:
        """The build of the decoder, part of every key that depends on decoded bytes: `pyav-18.1.0`."""
        ...

    def probe(self, file: MediaFile, *, sha256: str) -> Video:
        """Streams and duration. Raises DataError with a reason for each way in which a file can be bad."""
        ...

    def claimed_duration_ms(self, file: MediaFile) -> int:
        """How long the file's header says that it plays, which `probe` does not believe; 0 if it says nothing."""
        ...

    def extract_sound(self, file: MediaFile, start_ms: int, end_ms: int, out: Path, *, rate_hz: int) -> int:
        """Decode the window's sound once into a mono 16-bit FLAC; returns samples. A source without sound gives 0."""
        ...

    def sample(
        self, file: MediaFile, start_ms: int, end_ms: int, sound: Path | None, out: Path, *, grid_ms: Sequence[int], max_side: int
    ) -> SampledFrames:
        """Decode the window's pictures once and write the sampled container.

        Args:
            file: the source video.
            start_ms: start of the window in the source.
            end_ms: its end, exclusive.
            sound: the FLAC of the same window, which is muxed in unchanged.
            out: the container to write.
            grid_ms: source times to show; each takes the frame on screen then.
            max_side: longest side in pixels after scaling; never scaled up.
        """
        ...

    def open(self, container: Path, clip: SampledClip, clip_start_ms: int, start_ms: int, end_ms: int) -> SampledMedia:
        """The pictures and sound of [start_ms, end_ms) of the source, from a sampled container."""
        ...
