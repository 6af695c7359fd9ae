"""What a source file holds, read from its packets rather than believed from its header."""

from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream

from egoetl.core.errors import DataError
from egoetl.core.records import PictureStream, SoundStream, Video
from egoetl.media.libav import MILLISECONDS, open_input, origin_s, picture_stream, reading, sound_stream, unit_of

FIRST_PACKETS = 64
TAIL_S = 5
"""Containers without an index seek to any packet, so the search for the last one begins this much earlier."""


def probe(file: Path, sha256: str) -> Video:
    """Streams and duration of a file.

    Raises:
        DataError: `file_missing`, `file_empty`, `not_a_video`, `no_picture`, `undecodable` or `duration_unknown`.
    """
    if file.is_file() and file.stat().st_size == 0:
        raise DataError(f"{file} is empty; copy it again.", reason="file_empty")
    with open_input(file) as container:
        stream = picture_stream(container, file)
        _check_decodable(container, stream, file)
        return Video(
            sha256=sha256,
            size_bytes=file.stat().st_size,
            duration_ms=_duration_ms(container, stream, file),
            picture=_picture(stream),
            sound=_sound(container, file),
        )


def _check_decodable(container: InputContainer, stream: VideoStream, file: Path) -> None:
    for count, packet in enumerate(container.demux(stream)):
        try:
            if packet.decode():
                return
        except FFmpegError:
            pass  # one damaged packet at the start says nothing of the next
        if count >= FIRST_PACKETS:
            break
    raise DataError(f"No picture of {file} can be decoded; the file is damaged or of an unknown codec.", reason="undecodable")


def _duration_ms(container: InputContainer, stream: VideoStream, file: Path) -> int:
    """The end of the last picture, in milliseconds from the source's time 0.

    Headers lie, so they only say where to begin to look: from the last key frame before the end that they
    claim, packets are read to the end; if none is there, from the start.
    """
    unit = unit_of(stream)
    begin = stream.start_time or 0
    claimed = stream.duration if stream.duration is not None else int(Fraction(container.duration or 0, av.time_base) / unit)
    tail = begin + claimed - int(TAIL_S / unit)
    with reading(file, "duration_unknown", "read to its end"):
        end = _last_end(container, stream, tail) or _last_end(container, stream, begin - int(TAIL_S / unit))
    milliseconds = int((end * unit - origin_s(container)) * MILLISECONDS)
    if milliseconds <= 0 or not stream.average_rate:
        raise DataError(f"The pictures of {file} carry no usable times, so its duration is unknown; remux it.", reason="duration_unknown")
    return milliseconds


def _last_end(container: InputContainer, stream: VideoStream, start: int) -> int:
    """The latest end among packets from the key frame before `start`, in stream units; 0 if there are none."""
    container.seek(start, stream=stream)
    usual = int(1 / (stream.average_rate * unit_of(stream))) if stream.average_rate else 0
    return max((packet.pts + (packet.duration or usual) for packet in container.demux(stream) if packet.pts is not None), default=0)


def _picture(stream: VideoStream) -> PictureStream:
    assert stream.average_rate is not None
    return PictureStream(
        codec=stream.codec_context.name,
        width=stream.width,
        height=stream.height,
        rate_num=stream.average_rate.numerator,
        rate_den=stream.average_rate.denominator,
    )


def _sound(container: InputContainer, file: Path) -> SoundStream | None:
    stream = sound_stream(container, file)
    if stream is None:
        return None
    return SoundStream(codec=stream.codec_context.name, rate_hz=stream.rate, channels=stream.channels)
