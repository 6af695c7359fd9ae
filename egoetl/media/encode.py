"""Write video files with exact timestamps and equal bytes for equal input: for sample footage and tests."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
import numpy as np
from av.audio.layout import AudioLayout
from numpy.typing import NDArray

from egoetl.media.libav import Muxer, PictureEncoder, SoundEncoder, encoder_options, open_output

SOUND_CHUNK = 4096
INTERLEAVE_S = Fraction(1, 2)
MOVIES = (".mp4", ".mov", ".m4v")
LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1"}


def write_video(
    path: Path,
    frames: Iterable[tuple[int, NDArray[np.uint8]]],
    *,
    size: tuple[int, int],
    rate: Fraction,
    time_base: Fraction | None = None,
    gop: int = 250,
    crf: int = 23,
    preset: str = "veryfast",
    bframes: int = 2,
    codec: Literal["libx264", "libx265", "libvpx-vp9"] = "libx264",
    pix_fmt: str = "yuv420p",
    turned: int = 0,
    pixel_aspect: Fraction = Fraction(1),
    sound: NDArray[np.float32] | None = None,
    sound_rate: int = 48_000,
    sound_codec: str = "aac",
    sound_start: Fraction = Fraction(0),
) -> None:
    """Encode pictures and sound into the container that the suffix of `path` names (mp4, mkv, mov, webm, ts).

    Args:
        path: the file to write; its folder exists.
        frames: (presentation time in `time_base` units, (height, width, 3) RGB), in time order. What lies before 0 is
            written to an mp4 behind an edit list, and no player shows it.
        size: width and height in pixels, even.
        rate: nominal frames a second.
        time_base: unit of the presentation times in seconds; by default one frame, `1 / rate`.
        gop: pictures from one key frame to the next, at most.
        crf: the codec's constant rate factor; lower is better.
        preset: the speed preset of x264 and x265.
        bframes: B-frames in a row, at most.
        codec: the picture encoder.
        pix_fmt: the encoded pixel format, such as `yuv420p10le`.
        turned: degrees, a multiple of 90, by which a player turns the pictures counter-clockwise.
        pixel_aspect: width of a pixel divided by its height.
        sound: (samples, channels) in [-1, 1], 1, 2 or 6 channels; None writes no audio stream.
        sound_rate: its rate in Hz.
        sound_codec: the sound encoder.
        sound_start: presentation time of the first sample in seconds.
    """
    # Edit lists count in the movie's time scale, by default milliseconds: too coarse for the sample that sound starts with.
    scale = {"movie_timescale": str(sound_rate)} if sound_start and path.suffix in MOVIES else {}
    with open_output(path, **scale) as container:
        picture: PictureEncoder = container.add_stream(
            codec, rate=rate, options=_picture_options(codec, crf=crf, preset=preset, bframes=bframes)
        )
        picture.width, picture.height = size
        picture.pix_fmt = pix_fmt
        picture.gop_size = gop
        picture.max_b_frames = bframes if codec != "libvpx-vp9" else 0
        picture.codec_context.sample_aspect_ratio = pixel_aspect
        unit = time_base or 1 / rate
        picture.codec_context.time_base = unit
        if turned:
            picture.set_display_rotation(turned)
        voice = _Sound(container, sound, sound_rate, sound_codec, sound_start) if sound is not None else None
        for pts, pixels in frames:
            if voice is not None:
                voice.write_until(pts * unit + INTERLEAVE_S)
            container.mux(picture.encode(_video_frame(pixels, pts, unit)))
        container.mux(picture.encode(None))
        if voice is not None:
            voice.finish()


def _picture_options(codec: str, *, crf: int, preset: str, bframes: int) -> dict[str, str]:
    if codec == "libvpx-vp9":
        return encoder_options(crf=str(crf), b="0", deadline="realtime", **{"cpu-used": "8"})
    options = encoder_options(crf=str(crf), preset=preset, bf=str(bframes))
    if codec == "libx265":
        options["x265-params"] = "pools=none:frame-threads=1:log-level=error"
    else:
        # With B-frames, x264's macroblock tree gave other bytes in about one run of three (PyAV 18.1's build, measured).
        options["mbtree"] = "0"
    return options


def _video_frame(pixels: NDArray[np.uint8], pts: int, unit: Fraction) -> av.VideoFrame:
    frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
    frame.pts = pts
    frame.time_base = unit
    return frame


class _Sound:
    """An audio stream that is written in step with the pictures, so that the muxer buffers little."""

    def __init__(self, container: Muxer, samples: NDArray[np.float32], rate_hz: int, codec: str, start_s: Fraction) -> None:
        layout = AudioLayout(LAYOUTS[samples.shape[1]])
        self._container, self._rate_hz, self._layout = container, rate_hz, layout
        self._stream: SoundEncoder = container.add_stream(codec, rate=rate_hz, layout=layout, options=encoder_options())
        self._start = round(start_s * rate_hz)
        self._chunks = self._frames(np.ascontiguousarray(samples.T))
        self._written = self._start

    def write_until(self, seconds: Fraction) -> None:
        """Encode the samples before `seconds`, to the next whole chunk."""
        while self._written < seconds * self._rate_hz:
            frame = next(self._chunks, None)
            if frame is None:
                return
            self._written += frame.samples
            self._container.mux(self._stream.encode(frame))

    def finish(self) -> None:
        """Encode what is left."""
        for frame in self._chunks:
            self._container.mux(self._stream.encode(frame))
        self._container.mux(self._stream.encode(None))

    def _frames(self, planes: NDArray[np.float32]) -> Iterator[av.AudioFrame]:
        for start in range(0, planes.shape[1], SOUND_CHUNK):
            chunk = np.ascontiguousarray(planes[:, start : start + SOUND_CHUNK])
            frame = av.AudioFrame.from_ndarray(chunk, format="fltp", layout=self._layout)
            frame.sample_rate = self._rate_hz
            frame.time_base = Fraction(1, self._rate_hz)
            frame.pts = self._start + start
            yield frame
