"""The pictures of a sampled container in another size."""

from av.packet import Packet
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from av.video.stream import VideoStream
from simplejpeg import encode_jpeg_yuv_planes

from egoetl.media.picture_track import SCALER, pixels_of

QUALITY = 95
"""A second loss on top of the first, so that it must be a small one."""
GROWING = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.BITEXACT


def scaled_jpeg(packet: "Packet[VideoStream]", width: int, height: int) -> bytes:
    """The JPEG in a packet, scaled. Raises libav's errors for bytes that are none."""
    (frame,) = packet.decode()
    grows = width * height > frame.width * frame.height
    picture = VideoReformatter().reformat(
        frame,
        width,
        height,
        format="yuvj420p",
        src_colorspace=Colorspace.ITU601,
        dst_colorspace=Colorspace.ITU601,
        src_color_range=ColorRange.JPEG,
        dst_color_range=ColorRange.JPEG,
        interpolation=GROWING if grows else SCALER,
        threads=1,
    )
    return bytes(encode_jpeg_yuv_planes(*(pixels_of(plane) for plane in picture.planes), quality=QUALITY, fastdct=False))
