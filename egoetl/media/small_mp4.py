"""A small video for a model: the pictures that it is shown, and the sound of the same interval."""

from collections.abc import Sequence
from fractions import Fraction
from io import BytesIO

import numpy as np
from av.packet import Packet
from numpy.typing import NDArray
from simplejpeg import decode_jpeg_header

from egoetl.media.libav import open_output
from egoetl.media.sound import FlacTrack, pcm

FINEST = 1001
"""Rates are fractions with a denominator up to this, as those of cameras are."""


def small_mp4(jpegs: Sequence[bytes], per_second: float, sound: tuple[NDArray[np.float32], int] | None) -> bytes:
    """Motion JPEG at a steady rate, and FLAC: nothing is lost on the way.

    MP4, because it says how many pictures it holds; from other containers a reader guesses their number from the length.

    Args:
        jpegs: the pictures, all of one size; at least one.
        per_second: their rate.
        sound: mono samples in [-1, 1] and their rate in Hz; None writes no sound.
    """
    rate = Fraction(per_second).limit_denominator(FINEST)
    height, width, *_ = decode_jpeg_header(jpegs[0])
    out = BytesIO()
    with open_output(out, "mp4") as container:
        stream = container.add_mux_stream("mjpeg", rate=rate, width=width, height=height, time_base=1 / rate)
        voice = FlacTrack(container, sound[1]) if sound is not None else None
        for index, jpeg in enumerate(jpegs):
            packet = Packet(jpeg)
            packet.stream = stream
            packet.time_base = 1 / rate
            packet.pts = packet.dts = index
            packet.duration = 1
            packet.is_keyframe = True
            container.mux(packet)
        if voice is not None and sound is not None:
            voice.write(pcm(sound[0]))
    return out.getvalue()
