"""`core.ports.Media` by PyAV. PyAV and NumPy are loaded when something is decoded: most tasks of a build decode nothing."""

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from egoetl.core.media_port import SampledFrames, SampledMedia
from egoetl.core.records import SampledClip, Video
from egoetl.core.sources import MediaFile


class PyAvMedia:
    """Decoding with the one pinned PyAV; holds nothing open between calls."""

    @property
    def decoder(self) -> str:
        """The build of the decoder and of what writes its pictures, part of every key that depends on decoded bytes."""
        return f"pyav-{version('av')}+simplejpeg-{version('simplejpeg')}"

    def probe(self, file: MediaFile, *, sha256: str) -> Video:
        """See `egoetl.media.probe.probe`."""
        from egoetl.media.probe import probe

        return probe(file, sha256)

    def claimed_duration_ms(self, file: MediaFile) -> int:
        """See `egoetl.media.probe.claimed_duration_ms`."""
        from egoetl.media.probe import claimed_duration_ms

        return claimed_duration_ms(file)

    def extract_sound(self, file: MediaFile, start_ms: int, end_ms: int, out: Path, *, rate_hz: int = 16_000) -> int:
        """See `egoetl.media.sound.extract_sound`."""
        from egoetl.media.sound import extract_sound

        return extract_sound(file, start_ms, end_ms, out, rate_hz)

    def sample(
        self, file: MediaFile, start_ms: int, end_ms: int, sound: Path | None, out: Path, *, grid_ms: Sequence[int], max_side: int
    ) -> SampledFrames:
        """See `egoetl.media.sample.sample`."""
        from egoetl.media.sample import sample

        return sample(file, start_ms, end_ms, sound, out, grid_ms=grid_ms, max_side=max_side)

    def open(self, container: Path, clip: SampledClip, clip_start_ms: int, start_ms: int, end_ms: int) -> SampledMedia:
        """See `egoetl.media.sampled.SampledWindow`."""
        from egoetl.media.sampled import SampledWindow

        return SampledWindow(container, clip, clip_start_ms, start_ms, end_ms)
