"""Which codecs this installation decodes: each is tried on a picture or a sound that was just encoded."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any, cast

import av
import numpy as np
from av.codec.codec import UnknownCodecError
from av.error import FFmpegError

SIDE = 128
GREY, TOLERANCE = 128, 2
RATE_HZ = 48_000


def codecs() -> dict[str, bool]:
    """Name to whether it is decoded: h264, hevc, vp9, aac and 10-bit pictures."""
    tried: dict[str, Callable[[], bool]] = {
        "h264": lambda: _picture("libx264", "h264", "yuv420p"),
        "hevc": lambda: _picture("libx265", "hevc", "yuv420p"),
        "vp9": lambda: _picture("libvpx-vp9", "vp9", "yuv420p"),
        "10-bit": lambda: _picture("libx265", "hevc", "yuv420p10le"),
        "aac": _sound,
    }
    return {name: _works(attempt) for name, attempt in tried.items()}


def _works(attempt: Callable[[], bool]) -> bool:
    try:
        return attempt()
    except (FFmpegError, UnknownCodecError):
        return False


def _context(codec: str, mode: str) -> Any:
    """A coder or decoder. (PyAV's own signatures leave types open.)"""
    return cast("Any", av.CodecContext).create(codec, mode)


def _picture(encoder: str, decoder: str, pixels: str) -> bool:
    coding = _context(encoder, "w")
    coding.width = coding.height = SIDE
    coding.pix_fmt = pixels
    coding.time_base = Fraction(1, 25)
    coding.options = {"x265-params": "log-level=none"} if encoder == "libx265" else {}
    grey = cast("Any", av.VideoFrame).from_ndarray(np.full((SIDE, SIDE, 3), GREY, np.uint8), format="rgb24").reformat(format=pixels)
    decoding = _context(decoder, "r")
    packets = [*coding.encode(grey), *coding.encode(None)]
    frames = [frame for packet in packets for frame in decoding.decode(packet)] + decoding.decode(None)
    return bool(frames) and frames[0].format.name == pixels and abs(frames[0].to_ndarray(format="rgb24").mean() - GREY) <= TOLERANCE


def _sound() -> bool:
    coding = _context("aac", "w")
    coding.sample_rate = RATE_HZ
    coding.layout = "mono"
    coding.format = "fltp"
    silence = cast("Any", av.AudioFrame).from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
    silence.sample_rate = RATE_HZ
    packets = [*coding.encode(silence), *coding.encode(None)]
    decoding = _context("aac", "r")
    decoding.extradata = coding.extradata
    return any(frame.samples for packet in packets for frame in decoding.decode(packet))
