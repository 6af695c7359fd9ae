"""The pictures of a sampled container: upright, scaled, each a JPEG shown until the next."""

from collections.abc import Sequence
from fractions import Fraction

import av
import numpy as np
from av.packet import Packet
from av.video.plane import VideoPlane
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray
from simplejpeg import encode_jpeg_yuv_planes

from egoetl.media.libav import MILLISECONDS, Muxer, bytes_of
from egoetl.media.upright import turn_of

QUALITY = 90
SCALER = Interpolation.AREA | Interpolation.ACCURATE_RND | Interpolation.BITEXACT


class PictureTrack:
    """Motion JPEG, written by libjpeg-turbo: libav's own encoder takes three times as long."""

    def __init__(self, container: Muxer, size: tuple[int, int], times_ms: Sequence[int], end_ms: int) -> None:
        self._container, self._size = container, size
        self._reformatter = VideoReformatter()
        self._spans = zip(times_ms, [*times_ms[1:], end_ms], strict=True)
        self._stream = container.add_mux_stream(
            "mjpeg", rate=_rate(times_ms), width=size[0], height=size[1], time_base=Fraction(1, MILLISECONDS)
        )

    def write(self, frame: av.VideoFrame) -> None:
        """Show `frame` from the next time on."""
        begin, end = next(self._spans)
        packet = Packet(encode_jpeg_yuv_planes(*self._planes(frame), quality=QUALITY, fastdct=False))
        packet.stream = self._stream
        packet.time_base = Fraction(1, MILLISECONDS)
        packet.pts = packet.dts = begin
        packet.duration = end - begin
        packet.is_keyframe = True
        self._container.mux(packet)

    def _planes(self, frame: av.VideoFrame) -> list[NDArray[np.uint8]]:
        """Luma and the two halved planes of colour, in the full range that JPEG has."""
        turn = turn_of(frame)
        picture = self._reformatter.reformat(
            frame,
            *turn.size(*self._size),
            format="yuvj420p",
            src_color_range=frame.color_range,
            dst_colorspace=Colorspace.ITU601,
            dst_color_range=ColorRange.JPEG,
            interpolation=SCALER,
            threads=1,
        )
        return [turn.of(pixels_of(plane)) for plane in picture.planes]


def pixels_of(plane: VideoPlane) -> NDArray[np.uint8]:
    """(height, width), without the bytes that pad each row."""
    return np.frombuffer(bytes_of(plane), np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]


def _rate(times_ms: Sequence[int]) -> Fraction:
    """Pictures a second: what the container says of itself, for players."""
    if len(times_ms) == 1:
        return Fraction(1)
    return Fraction((len(times_ms) - 1) * MILLISECONDS, times_ms[-1] - times_ms[0]).limit_denominator(1001)
