"""What a source file holds, read from its packets rather than believed from its header."""

from contextlib import suppress
from fractions import Fraction

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream

from egoetl.core.errors import DataError
from egoetl.core.records import PictureStream, SoundStream, Video
from egoetl.core.sources import MediaFile
from egoetl.media.libav import MILLISECONDS, SOUND_RATES_HZ, open_input, origin_s, picture_stream, reading, sound_stream, unit_of
from egoetl.media.outline import Outline, read_outline
from egoetl.media.pictures import LONGEST_STILL_S
from egoetl.media.upright import shown_size
from egoetl.media.wholeness import check_index, check_outline

FIRST_PACKETS = 64
LONGEST_MS = 10**9
"""Eleven days."""
TAIL_S = 5
"""Containers without an index seek to any packet, so the search for the last one begins this much earlier."""


def probe(file: MediaFile, sha256: str) -> Video:
    """Streams and duration of a file.

    Raises:
        DataError: `file_missing`, `file_empty`, `file_cut_off`, `index_missing`, `index_lies`, `not_a_video`, `no_picture`,
            `picture_too_large`, `undecodable`, `single_picture`, `duration_unknown`, `duration_lies`, `sound_empty` or
            `sound_unusable`.
    """
    outline = _outline(file)
    with open_input(file) as container:
        stream = picture_stream(container, file)
        check_index(container, outline, file)
        first = _first_picture(container, stream, file)
        return Video(
            sha256=sha256,
            size_bytes=file.stat().st_size,
            duration_ms=_duration_ms(container, stream, file),
            picture=_picture(stream, first),
            sound=_sound(container, file),
        )


def claimed_duration_ms(file: MediaFile) -> int:
    """How long the file's header says that it plays, which may be a lie; 0 if it says nothing. Raises DataError as `probe` does."""
    outline = _outline(file)
    with open_input(file) as container:
        said = container.duration or 0
    return max(said * MILLISECONDS // av.time_base, (outline and outline.claimed_ms) or 0)


def _outline(file: MediaFile) -> Outline | None:
    if not file.is_file():
        raise DataError(f"{file} is not a file; check the path.", reason="file_missing")
    if file.stat().st_size == 0:
        raise DataError(f"{file} is empty; copy it again.", reason="file_empty")
    outline = read_outline(file)
    check_outline(outline, file)
    return outline


def _first_picture(container: InputContainer, stream: VideoStream, file: MediaFile) -> av.VideoFrame:
    """The first picture that decodes; there is another one after it."""
    packets, decoded = 0, list[av.VideoFrame]()
    with reading(file, "undecodable", "read"):
        for packet in container.demux(stream):
            packets += packet.size > 0
            with suppress(FFmpegError):  # one damaged packet at the start says nothing of the next
                decoded += packet.decode()
            if packets > FIRST_PACKETS or (decoded and packets > 1):
                break
    if not decoded:
        raise DataError(f"No picture of {file} can be decoded; the file is damaged or of an unknown codec.", reason="undecodable")
    if packets < 2:
        raise DataError(f"{file} holds a single picture, in which nothing can happen; leave it out.", reason="single_picture")
    return decoded[0]


def _duration_ms(container: InputContainer, stream: VideoStream, file: MediaFile) -> int:
    """The end of the last picture, in milliseconds from the source's time 0.

    Headers lie, so they only say where to begin to look: from the last key frame before the end that they
    claim, packets are read to the end; if none is there, from the start.
    """
    unit = unit_of(stream)
    begin = stream.start_time or 0
    claimed = stream.duration if stream.duration is not None else int(Fraction(container.duration or 0, av.time_base) / unit)
    tail = begin + claimed - int(TAIL_S / unit)
    with reading(file, "duration_unknown", "read to its end"):
        last = _last(container, stream, tail) or _last(container, stream, begin - int(TAIL_S / unit))
    milliseconds = int((sum(last) * unit - origin_s(container)) * MILLISECONDS)
    if not 0 < milliseconds <= LONGEST_MS or not stream.average_rate:
        raise DataError(f"The pictures of {file} carry no usable times, so its duration is unknown; remux it.", reason="duration_unknown")
    if (stands_s := int(last[-1] * unit)) > LONGEST_STILL_S:
        raise DataError(f"The last picture of {file} is said to stand for {stands_s} s; remux the file.", reason="duration_lies")
    return milliseconds


def _last(container: InputContainer, stream: VideoStream, start: int) -> tuple[int, ...]:
    """Time and duration, in stream units, of the packet that ends last from the key frame before `start` on; () if there is none."""
    try:
        container.seek(start, stream=stream)
    except FFmpegError:  # AVI knows no time before its first picture
        container.seek(stream.start_time or 0, stream=stream)
    usual = int(1 / (stream.average_rate * unit_of(stream))) if stream.average_rate else 0
    shown = ((packet.pts, packet.duration or usual) for packet in container.demux(stream) if packet.pts is not None)
    return max(shown, key=sum, default=())


def _picture(stream: VideoStream, first: av.VideoFrame) -> PictureStream:
    assert stream.average_rate is not None
    width, height = shown_size(stream, first)
    return PictureStream(
        codec=stream.codec_context.name,
        width=width,
        height=height,
        rate_num=stream.average_rate.numerator,
        rate_den=stream.average_rate.denominator,
    )


def _sound(container: InputContainer, file: MediaFile) -> SoundStream | None:
    stream = sound_stream(container, file)
    if stream is None:
        return None
    with reading(file, "sound_corrupt", "read"):
        container.seek(0)
        if not any(packet.size for packet in container.demux(stream)):
            raise DataError(
                f"{file} has a sound track without a single sample: its sound was lost; replace the file, or remove the track"
                " to have it built as a silent video.",
                reason="sound_empty",
            )
    if stream.rate not in SOUND_RATES_HZ:
        raise DataError(f"The sound of {file} claims {stream.rate} samples a second; re-encode it.", reason="sound_unusable")
    return SoundStream(codec=stream.codec_context.name, rate_hz=stream.rate, channels=stream.channels)
