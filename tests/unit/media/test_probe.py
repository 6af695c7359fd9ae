"""What a file holds, and each way in which it can be bad."""

import struct
from fractions import Fraction
from pathlib import Path

import av
import pytest

from egoetl.core.errors import DataError
from egoetl.footage.damaged_boxes import find, replaced, tracks
from egoetl.testing.videos import NTSC, SIZE, tones

SHA = "a" * 64


def test_a_file_with_sound(media, make):
    file = make("a.mp4", frames=90, rate=NTSC, sound=tones(2.5, 48_000, 2))
    video = media.probe(file, sha256=SHA)
    assert (video.sha256, video.size_bytes, video.duration_ms) == (SHA, file.stat().st_size, 3003)
    assert (video.picture.codec, video.picture.width, video.picture.height) == ("h264", *SIZE)
    assert (video.picture.rate_num, video.picture.rate_den) == (30_000, 1001)
    assert video.sound is not None
    assert (video.sound.codec, video.sound.rate_hz, video.sound.channels) == ("aac", 48_000, 2)


def test_a_silent_file(media, make):
    assert media.probe(make("a.mp4"), sha256=SHA).sound is None


def test_matroska_has_no_duration_of_streams(media, make):
    assert media.probe(make("a.mkv", sound=tones(3.2, 16_000, 1)), sha256=SHA).duration_ms == 3000


def test_two_pictures(media, make):
    assert media.probe(make("a.mp4", frames=2), sha256=SHA).duration_ms == 66


def test_a_short_duration_in_the_header_is_not_believed(media, make, tmp_path: Path):
    data = bytearray(make("a.mp4", frames=90).read_bytes())
    for box in (b"mdhd", b"mvhd"):
        at = data.index(box) + 16
        data[at + 4 : at + 8] = data[at : at + 4]  # the time scale: one second
    lying = tmp_path / "lying.mp4"
    lying.write_bytes(data)
    with av.open(str(lying)) as container:
        assert container.streams.video[0].duration * container.streams.video[0].time_base == 1
    assert media.probe(lying, sha256=SHA).duration_ms == 3000


@pytest.mark.parametrize("claimed_s", [1, 3600])
def test_a_duration_of_matroska_is_not_believed(media, make, tmp_path: Path, claimed_s: int):
    data = bytearray(make("a.mkv", frames=90).read_bytes())
    struct.pack_into(">d", data, data.index(b"\x44\x89\x88") + 3, claimed_s * 1000.0)
    lying = tmp_path / "lying.mkv"
    lying.write_bytes(data)
    with av.open(str(lying)) as container:
        assert container.duration == claimed_s * 1_000_000
    assert media.probe(lying, sha256=SHA).duration_ms == 3000


def test_time_counts_from_the_first_picture_of_a_transport_stream(media, make):
    assert media.probe(make("a.ts", frames=90), sha256=SHA).duration_ms == 3000


def test_a_cut_off_file_that_never_said_its_size_is_as_long_as_what_is_left(media, make, tmp_path: Path):
    data = bytearray(make("a.mkv", frames=240, gop=30, bframes=0).read_bytes())
    segment = data.index(b"\x18\x53\x80\x67") + 4
    data[segment : segment + 8] = b"\x01" + b"\xff" * 7
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(data[: len(data) // 2])
    assert 500 < media.probe(cut, sha256=SHA).duration_ms < 7500


def reason_for(media, file: Path) -> str:
    with pytest.raises(DataError) as caught:
        media.probe(file, sha256=SHA)
    assert file.name in str(caught.value)
    return caught.value.reason


def test_no_file(media, tmp_path: Path):
    assert reason_for(media, tmp_path / "none.mp4") == "file_missing"
    assert reason_for(media, tmp_path) == "file_missing"


def test_an_empty_file(media, tmp_path: Path):
    (tmp_path / "a.mp4").touch()
    assert reason_for(media, tmp_path / "a.mp4") == "file_empty"


@pytest.mark.parametrize(
    "data",
    [
        b"a text\n" * 100,
        b"\x89PNG\r\n\x1a\n" + b"\0" * 200,
        b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
    ],
    ids=["text", "image", "playlist", "concatenation"],
)
def test_something_else(media, tmp_path: Path, data: bytes):
    (tmp_path / "a.mp4").write_bytes(data)
    assert reason_for(media, tmp_path / "a.mp4") == "not_a_video"


def test_a_file_that_lost_its_index(media, make, tmp_path: Path):
    data = make("a.mp4").read_bytes()
    (tmp_path / "a.mp4").write_bytes(data[: data.index(b"moov") - 4])
    assert reason_for(media, tmp_path / "a.mp4") == "index_missing"


@pytest.mark.parametrize("tenths", [2, 5, 9])
@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_a_cut_off_file(media, make, tmp_path: Path, name: str, tenths: int):
    data = make(name, frames=90, sound=tones(3, 16_000, 1)).read_bytes()
    (tmp_path / name).write_bytes(data[: len(data) * tenths // 10])
    assert reason_for(media, tmp_path / name) == "file_cut_off"


def test_what_a_camera_appends_is_no_part_of_the_video(media, make, tmp_path: Path):
    (tmp_path / "a.mp4").write_bytes(make("a.mp4").read_bytes() + b"SEFT" * 100)
    assert media.probe(tmp_path / "a.mp4", sha256=SHA).duration_ms == 3000


def test_a_single_picture(media, make):
    assert reason_for(media, make("a.mp4", frames=1)) == "single_picture"


def test_a_last_picture_that_stands_for_hours(media, make, tmp_path: Path):
    data = make("a.mp4", frames=90, bframes=0).read_bytes()
    durations = (*tracks(data)["vide"], "mdia", "minf", "stbl", "stts")
    length, scale = struct.unpack_from(">I", data, find(data, durations).start + 20)[0], 15_360
    assert length == scale // 30
    lying = tmp_path / "lying.mp4"
    runs = struct.pack(">I4s6I", 32, b"stts", 0, 2, 89, length, 1, 7200 * scale)
    lying.write_bytes(replaced(data, durations, runs))
    assert reason_for(media, lying) == "duration_lies"


def test_sound_alone(media, make, tmp_path: Path):
    media.extract_sound(make("a.mp4", sound=tones(1, 48_000, 1)), 0, 1000, tmp_path / "a.flac")
    assert reason_for(media, tmp_path / "a.flac") == "no_picture"


def test_no_picture_that_decodes(media, make, tmp_path: Path):
    data = bytearray(make("a.mp4").read_bytes())
    begin, end = data.index(b"mdat") + 4, data.index(b"moov") - 4
    data[begin:end] = b"\xff" * (end - begin)
    (tmp_path / "a.mp4").write_bytes(data)
    assert reason_for(media, tmp_path / "a.mp4") == "undecodable"


def test_times_that_say_nothing(media, tmp_path: Path):
    with av.open(str(tmp_path / "a.mkv"), "w") as container:
        stream = container.add_stream("mjpeg", rate=Fraction(30))
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuvj420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for pts in (0, 1):
            frame = av.VideoFrame(64, 48, "yuvj420p")
            frame.pts = pts
            for packet in stream.encode(frame):
                packet.pts = packet.dts = packet.duration = 0
                container.mux(packet)
    file = tmp_path / "a.mkv"
    data = file.read_bytes()
    default_duration = data.index(b"\x23\xe3\x83")  # Matroska's DefaultDuration: make it an unknown element
    file.write_bytes(data[:default_duration] + b"\x23\xe3\x84" + data[default_duration + 3 :])
    assert reason_for(media, file) == "duration_unknown"


def test_titles_in_another_character_set_are_no_damage(media, make, tmp_path: Path):
    data = make("a.mp4", sound=tones(3, 16_000, 1)).read_bytes()
    assert b"VideoHandler" in data
    (tmp_path / "a.mp4").write_bytes(data.replace(b"VideoHandler", b"Vid\xe9oHandler"))
    assert media.probe(tmp_path / "a.mp4", sha256=SHA).duration_ms == 3000


def test_a_small_file_with_huge_pictures_takes_no_memory(media, tmp_path: Path):
    side = 6400
    with av.open(str(tmp_path / "a.mkv"), "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"preset": "ultrafast", "threads": "1"})
        stream.width, stream.height, stream.pix_fmt = side, side, "yuv420p"
        frame = av.VideoFrame(side, side, "yuv420p")
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        frame.pts, frame.time_base = 0, Fraction(1, 10)
        container.mux(stream.encode(frame) + stream.encode(None))
    assert reason_for(media, tmp_path / "a.mkv") == "picture_too_large"


@pytest.mark.parametrize("rate_hz", [1, 2**31 - 1])
def test_a_rate_of_sound_that_nothing_has(media, make, tmp_path: Path, rate_hz: int):
    data = make("a.mkv", sound=tones(3, 48_000, 1), sound_codec="pcm_s16le").read_bytes()
    claimed = struct.pack(">d", 48_000.0)
    assert data.count(claimed) == 1
    (tmp_path / "a.mkv").write_bytes(data.replace(claimed, struct.pack(">d", float(rate_hz))))
    assert reason_for(media, tmp_path / "a.mkv") == "sound_unusable"
    with pytest.raises(DataError):
        media.extract_sound(tmp_path / "a.mkv", 0, 3000, tmp_path / "a.flac")


def test_an_index_that_claims_a_hundred_million_samples_in_a_few_bytes(media, make, tmp_path: Path):
    data = make("a.mp4", frames=90).read_bytes()
    table = (*tracks(data)["vide"], "mdia", "minf", "stbl", "stsz")
    (tmp_path / "a.mp4").write_bytes(replaced(data, table, struct.pack(">I4s3I", 20, b"stsz", 0, 1, 100_000_000)))
    assert reason_for(media, tmp_path / "a.mp4") == "index_lies"
