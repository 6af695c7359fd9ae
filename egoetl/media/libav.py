"""PyAV with types, one thread, and errors that name the file."""

from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any, Protocol, cast

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.plane import Plane
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

from egoetl.core.errors import DataError
from egoetl.core.sources import MediaFile

MILLISECONDS = 1000
MOST_PIXELS = 40_000_000
"""Pictures beyond 8K are a lie or a bomb: a file of a megabyte can make a decoder take gigabytes."""
SOUND_RATES_HZ = range(1_000, 768_001)
# A playlist or an image sequence could make libav read other files than the one that was named.
READ_OPTIONS = {
    "protocol_whitelist": "file",
    "format_whitelist": "mov,matroska,avi,mpegts,mpeg,flv,asf,ogg,wav,mp3,flac,aac",
    "max_pixels": str(MOST_PIXELS),
}
BIT_EXACT = "+bitexact"
IO_BYTES = 1 << 18
"""How much libav asks for at once of a file that is not all here."""


class Muxer(Protocol):
    """An output container. (PyAV's own signatures leave types open.)"""

    def add_stream(self, codec_name: str, rate: Fraction | int | None = None, options: dict[str, str] | None = None, **more: Any) -> Any:
        """A new encoder and its stream."""
        ...

    def add_mux_stream(self, codec_name: str, rate: Fraction | int | None = None, **more: Any) -> Stream:
        """A stream of packets that something else has encoded."""
        ...

    def add_stream_from_template(self, template: Stream) -> Stream:
        """A stream that takes packets of `template` unchanged."""
        ...

    def mux(self, packets: "Packet[Stream] | Sequence[Packet[Stream]]") -> None:
        """Write packets, interleaved by time."""
        ...


class PictureEncoder(Protocol):
    """A video stream being encoded."""

    width: int
    height: int
    pix_fmt: str | None
    gop_size: int
    max_b_frames: int
    codec_context: Any

    def set_display_rotation(self, degrees: float) -> None:
        """Have players turn the pictures counter-clockwise."""
        ...

    def encode(self, frame: av.VideoFrame | None = None) -> "list[Packet[Stream]]":
        """Packets that are ready; all that are left for None."""
        ...


class SoundEncoder(Protocol):
    """An audio stream being encoded."""

    def encode(self, frame: av.AudioFrame | None = None) -> "list[Packet[Stream]]":
        """Packets that are ready; all that are left for None."""
        ...


@contextmanager
def reading(file: MediaFile, reason: str, doing: str) -> Generator[None]:
    """Turn libav's errors into a DataError of `reason` that says what was being done with which file."""
    try:
        yield
    except FFmpegError as error:
        raise DataError(f"{file} could not be {doing} ({error.strerror}); replace the file or re-encode it.", reason=reason) from error


@contextmanager
def open_input(file: MediaFile) -> Generator[InputContainer]:
    """Open a media file. Raises DataError `file_missing` or `not_a_video`."""
    if not file.is_file():
        raise DataError(f"{file} is not a file; check the path.", reason="file_missing")
    with ExitStack() as stack:
        # A file that is not all here is read through its own `open`; libav reads a local one faster by itself.
        named = str(file.absolute()) if isinstance(file, Path) else stack.enter_context(file.open("rb"))
        with reading(file, "not_a_video", "opened as a media container"):
            # Titles in Latin-1 and the like are common, and nobody here reads them.
            container = av.open(named, "r", options=dict(READ_OPTIONS), metadata_errors="replace", buffer_size=IO_BYTES)
        with container:
            yield container


@contextmanager
def open_output(file: Path | BytesIO, container_format: str | None = None, **options: str) -> Generator[Muxer]:
    """A new container whose bytes hold no clock, random number or library version; `options` are those of libav's muxer."""
    out = str(file.absolute()) if isinstance(file, Path) else file
    with av.open(out, "w", format=container_format, options={"fflags": BIT_EXACT, **options}) as container:
        yield cast("Muxer", container)


def picture_stream(container: InputContainer, file: MediaFile) -> VideoStream:
    """The first stream of moving pictures, set to one thread. Raises DataError `no_picture`, `picture_too_large` or `undecodable`."""
    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic:
            return _bounded(cast("VideoStream", _one_thread(stream, file)), file)
    raise DataError(f"{file} has no video stream; give a file with pictures.", reason="no_picture")


def sound_stream(container: InputContainer, file: MediaFile) -> AudioStream | None:
    """The first audio stream, set to one thread, or None. Raises DataError `undecodable`."""
    for stream in container.streams.audio:
        return cast("AudioStream", _one_thread(stream, file))
    return None


def _bounded(stream: VideoStream, file: MediaFile) -> VideoStream:
    """The size is what the header says; the decoder holds every single picture to the same limit."""
    if stream.width * stream.height > MOST_PIXELS:
        size = f"{stream.width} by {stream.height} pixels"
        raise DataError(f"The pictures of {file} have {size}, more than any camera gives; replace the file.", reason="picture_too_large")
    stream.codec_context.options = {"max_pixels": str(MOST_PIXELS)}
    return stream


def _one_thread(stream: Stream, file: MediaFile) -> Stream:
    """Frame threads cost a fifth more CPU time, and a worker keeps its cores busy with several units."""
    context = cast("Any", stream.codec_context)
    if context is None:
        raise DataError(f"{file} holds a {stream.type} stream that no decoder here can read; re-encode it.", reason="undecodable")
    context.thread_count = 1
    context.thread_type = "NONE"
    return stream


def encoder_options(**options: str) -> dict[str, str]:
    """Options of an encoder whose bytes do not depend on the number of processors: one thread."""
    return {"threads": "1", "flags": BIT_EXACT, **options}


def bytes_of(plane: "Plane") -> memoryview:
    """What a plane of a frame holds, without a copy. (PyAV's signatures do not say that it is a buffer.)"""
    return memoryview(cast("Any", plane))


def unit_of(stream: Stream) -> Fraction:
    """The stream's unit of time, in seconds."""
    assert stream.time_base is not None
    return stream.time_base


def origin_s(container: InputContainer) -> Fraction:
    """The presentation time that counts as 0 of the source video, in seconds.

    It is the first of any stream, as players and ffmpeg have it; sound's priming, before 0, does not count.
    """
    streams: list[Stream] = [*container.streams.video, *container.streams.audio]
    starts = [each.start_time * unit_of(each) for each in streams if each.start_time is not None]
    return max(min(starts, default=Fraction(0)), Fraction(0))
