"""Reading a window of a sampled container: the pictures and sound that a model is shown."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream
from numpy.typing import NDArray

from egoetl.core.errors import DataError
from egoetl.core.records import SampledClip, Window
from egoetl.media.libav import MILLISECONDS, open_input, picture_stream, reading, sound_stream, unit_of
from egoetl.media.scaled_jpeg import scaled_jpeg
from egoetl.media.small_mp4 import small_mp4
from egoetl.media.sound import FULL_SCALE, window_samples
from egoetl.media.waves import wav_of

SOUND_BACK_MS = 1000


@dataclass(frozen=True)
class SampledWindow:
    """[start_ms, end_ms) of the source in a sampled container; implements `core.ports.SampledMedia`.

    The container is opened at each call and closed before it returns, so that a window costs nothing to keep.
    """

    container: Path
    clip: SampledClip
    clip_start_ms: int
    start_ms: int
    end_ms: int

    @property
    def name(self) -> str:
        """The container's bytes and the window: equal names, equal pictures and sound."""
        return f"{self.clip.container.sha256}:{self.start_ms}-{self.end_ms}"

    @property
    def window(self) -> Window:
        """The window of the source."""
        return Window(start_ms=self.start_ms, end_ms=self.end_ms)

    @property
    def frame_ms(self) -> tuple[int, ...]:
        """Source time of each picture."""
        return tuple(time for time in self.clip.frame_ms if self.start_ms <= time < self.end_ms)

    @property
    def frames_per_second(self) -> float:
        """How many pictures there are a second."""
        return self.clip.frames_per_second

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the pictures."""
        return self.clip.width, self.clip.height

    @property
    def has_sound(self) -> bool:
        """Whether the source has a sound track, be it silent."""
        return self.clip.has_sound

    def frames(self) -> NDArray[np.uint8]:
        """Pictures as (count, height, width, 3), RGB. Raises DataError `sampled_corrupt`."""
        times = [time - self.clip_start_ms for time in self.frame_ms]
        pictures = np.empty((len(times), self.clip.height, self.clip.width, 3), np.uint8)
        if not times:
            return pictures
        with open_input(self.container) as container:
            shown = self._pictures(container, times[0], times[-1])
            for index, time in enumerate(times):
                frame = next(shown, None)
                if frame is None or frame.pts != time:
                    raise self._corrupt(f"no picture at {time} ms")
                pictures[index] = frame.to_ndarray(format="rgb24")
        return pictures

    def sound(self) -> tuple[NDArray[np.float32], int]:
        """Samples in [-1, 1] as (samples,), mono, and their rate in Hz; no samples for a silent source.

        Raises DataError `sampled_corrupt`.
        """
        with open_input(self.container) as container:
            stream = sound_stream(container, self.container)
            if stream is None:
                return np.zeros(0, np.float32), 0
            return self._sound(container, stream), stream.rate

    def jpegs(self, times_ms: Sequence[int], width: int, height: int) -> tuple[bytes, ...]:
        """The pictures of some of the times in `frame_ms`, each a JPEG of that size; unchanged where it is their own.

        Raises DataError `sampled_corrupt`.
        """
        times = [time - self.clip_start_ms for time in times_ms]
        if not times:
            return ()
        with open_input(self.container) as container:
            kept = {packet.pts: packet for packet in self._packets(container, times[0], times[-1])}
            if missing := [time for time in times if time not in kept]:
                raise self._corrupt(f"no picture at {missing[0]} ms")
            if (width, height) == self.size:
                return tuple(bytes(kept[time]) for time in times)
            with reading(self.container, "sampled_corrupt", "decoded"):
                return tuple(scaled_jpeg(kept[time], width, height) for time in times)

    def wav(self) -> bytes:
        """The sound as a 16-bit wav file; b"" for a silent source. Raises DataError `sampled_corrupt`."""
        return wav_of(*self.sound()) if self.has_sound else b""

    def mp4(self, jpegs: Sequence[bytes], per_second: float, *, sound: bool) -> bytes:
        """A video of pictures at that rate, with the window's sound in it if asked for. Raises DataError `sampled_corrupt`."""
        return small_mp4(jpegs, per_second, self.sound() if sound else None)

    def _pictures(self, container: InputContainer, first_ms: int, last_ms: int) -> Iterator[av.VideoFrame]:
        stream = picture_stream(container, self.container)
        if unit_of(stream) * MILLISECONDS != 1:
            raise self._corrupt("its times are not milliseconds")
        with reading(self.container, "sampled_corrupt", "decoded"):
            container.seek(first_ms, stream=stream)
            for frame in container.decode(stream):
                if frame.pts is not None and first_ms <= frame.pts <= last_ms:
                    yield frame

    def _packets(self, container: InputContainer, first_ms: int, last_ms: int) -> Iterator["Packet[VideoStream]"]:
        """The pictures as they lie there: each packet is a JPEG."""
        stream = picture_stream(container, self.container)
        with reading(self.container, "sampled_corrupt", "read"):
            container.seek(first_ms, stream=stream)
            for packet in container.demux(stream):
                if packet.pts is not None and first_ms <= packet.pts:
                    if packet.pts > last_ms:
                        return
                    yield packet

    def _sound(self, container: InputContainer, stream: AudioStream) -> NDArray[np.float32]:
        begin_ms = self.start_ms - self.clip_start_ms
        first = window_samples(0, begin_ms, stream.rate)
        window = np.zeros(window_samples(self.start_ms, self.end_ms, stream.rate), np.float32)
        filled = 0
        with reading(self.container, "sampled_corrupt", "decoded"):
            container.seek(max(begin_ms - SOUND_BACK_MS, 0) * 1000)
            for frame in container.decode(stream):
                begin = window_samples(0, frame.pts or 0, stream.rate) - first
                if begin >= len(window):
                    break
                samples = np.asarray(frame.to_ndarray(), np.float32).reshape(-1)[max(-begin, 0) : len(window) - begin]
                window[max(begin, 0) : max(begin, 0) + len(samples)] = samples / FULL_SCALE
                filled += len(samples)
        if filled != len(window):
            raise self._corrupt(f"{len(window) - filled} samples are missing")
        return window

    def _corrupt(self, what: str) -> DataError:
        return DataError(
            f"The sampled container {self.container} is damaged ({what}); delete it and build its clip again.", reason="sampled_corrupt"
        )
