"""Every form of video decodes to what it is known to show and sound, picture by picture and to the sample."""

import hashlib
from bisect import bisect_right
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from egoetl.core.records import Artifact, SampledClip
from egoetl.footage.formats.index import FORMATS
from egoetl.footage.formats.make_formats import make_formats
from egoetl.footage.formats.scene import BALL, CHIRP_MS, GROUND, ball_at, chirp, number_in
from egoetl.footage.formats.truth import FormatsTruth, FormatTruth
from egoetl.media.libav import open_input, origin_s, picture_stream
from egoetl.media.pictures import pictures_from
from egoetl.media.pyav_media import PyAvMedia

pytestmark = pytest.mark.slow

RATE_HZ = 16_000
PER_MS = RATE_HZ // 1000
WINDOW_MS = (3217, 9871)
STEP_MS = 37
MILLISECOND_UNITS = (".mkv", ".webm")
"""Matroska rounds presentation times to a millisecond."""

every_format = pytest.mark.parametrize("name", [each.name for each in FORMATS])
with_sound = pytest.mark.parametrize("name", [each.name for each in FORMATS if each.sound])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("formats")
    make_formats(folder, lambda done, total: None)
    return folder


@pytest.fixture(scope="module")
def truth(folder: Path) -> FormatsTruth:
    return FormatsTruth.model_validate_json((folder / "truth.json").read_bytes())


@pytest.fixture
def media() -> PyAvMedia:
    return PyAvMedia()


@every_format
def test_the_probe_says_what_is_shown(media: PyAvMedia, folder: Path, truth: FormatsTruth, name: str) -> None:
    video = truth.videos[name]
    found = media.probe(folder / video.file, sha256="0" * 64)
    assert (found.picture.width, found.picture.height) == (video.width, video.height)
    assert abs(found.duration_ms - video.duration_ms) <= (1 if video.file.endswith(MILLISECOND_UNITS) else 0)
    assert (found.sound is None) == (video.sound is None)
    if found.sound and video.sound:
        assert (found.sound.rate_hz, found.sound.channels) == (video.sound.rate_hz, video.sound.channels)


@every_format
@pytest.mark.parametrize("window", [None, WINDOW_MS], ids=["whole", "middle"])
def test_the_right_picture_is_on_screen_at_each_instant(
    media: PyAvMedia, folder: Path, truth: FormatsTruth, name: str, window: tuple[int, int] | None, tmp_path: Path
) -> None:
    video = truth.videos[name]
    start_ms, end_ms = window or (0, video.duration_ms)
    grid = tuple(range(start_ms, end_ms, STEP_MS))
    seen = shown(media, folder / video.file, (start_ms, end_ms), grid, tmp_path / "sampled.mkv")
    for instant, picture in zip(grid, seen, strict=True):
        assert number_in(picture) in may_show(video, instant), f"at {instant} ms"


@every_format
def test_pictures_are_upright_and_in_their_colours(media: PyAvMedia, folder: Path, truth: FormatsTruth, name: str, tmp_path: Path) -> None:
    video = truth.videos[name]
    instant = 4321
    (picture,) = shown(media, folder / video.file, (instant, 5000), (instant,), tmp_path / "sampled.mkv")
    assert picture.shape == (video.height, video.width, 3)
    begin_ms = video.begins_ms[video.numbers.index(number_in(picture))] - video.begins_ms[0]
    x, y = ball_at(begin_ms / 1000)
    at = (round(y), round(x * video.width / 320))
    assert np.abs(picture[at].astype(int) - BALL).max() <= 12
    across = (round(192 + 32 - y), round((320 - x) * video.width / 320))
    assert np.abs(picture[across].astype(int) - GROUND).max() <= 20


@every_format
def test_every_picture_is_that_of_a_full_decode(folder: Path, truth: FormatsTruth, name: str) -> None:
    video = truth.videos[name]
    file = folder / video.file
    with av.open(str(file)) as container:
        plain = [(frame.pts, digest(frame)) for frame in container.decode(video=0)]
    with open_input(file) as container:
        stream = picture_stream(container, file)
        ours = [(pts, digest(frame)) for pts, frame in pictures_from(container, stream, stream.start_time or 0, file)]
        begins = [(pts * stream.time_base - origin_s(container)) * 1000 for pts, _ in ours]
    assert ours == plain
    assert len(ours) == len(video.numbers)
    assert max(abs(float(found) - true) for found, true in zip(begins, video.begins_ms, strict=True)) <= tolerance_ms(video)


@with_sound
def test_sound_lies_where_it_was_made(media: PyAvMedia, folder: Path, truth: FormatsTruth, name: str, tmp_path: Path) -> None:
    """Each chirp begins within a tenth of a sample of its instant."""
    video = truth.videos[name]
    assert video.sound is not None
    heard = extracted(media, folder / video.file, (0, video.duration_ms), tmp_path / "sound.flac")
    assert len(heard) == video.duration_ms * PER_MS
    late = [onset(heard, at_ms) - at_ms * PER_MS for at_ms in video.sound.chirps_ms]
    assert max(map(abs, late)) <= 0.1


@with_sound
def test_silence_is_where_there_is_no_sound(media: PyAvMedia, folder: Path, truth: FormatsTruth, name: str, tmp_path: Path) -> None:
    video = truth.videos[name]
    assert video.sound is not None
    heard = extracted(media, folder / video.file, (0, video.duration_ms), tmp_path / "sound.flac")
    before, after = round(video.sound.from_ms - 30) * PER_MS, round(video.sound.to_ms + 60) * PER_MS
    assert not np.any(heard[: max(before, 0)])
    assert not np.any(heard[after:])
    assert np.abs(heard).max() > 3000


@with_sound
def test_sound_is_that_of_a_full_decode(media: PyAvMedia, folder: Path, truth: FormatsTruth, name: str, tmp_path: Path) -> None:
    video = truth.videos[name]
    file = folder / video.file
    whole = full_decode(file, video.duration_ms * PER_MS)
    for window in ((0, video.duration_ms), WINDOW_MS, (0, 1), (11_111, 12_000)):
        heard = extracted(media, file, window, tmp_path / "sound.flac")
        assert np.abs(heard - whole[window[0] * PER_MS : window[1] * PER_MS]).max() <= 1


def test_another_run_gives_equal_bytes(folder: Path, tmp_path: Path) -> None:
    some = tuple(each for each in FORMATS if each.name in {"rate_variable", "turned_left", "edit_list", "hevc_ten_bit", "vp9"})
    make_formats(tmp_path, lambda done, total: None, some)
    for each in some:
        assert (tmp_path / each.file).read_bytes() == (folder / each.file).read_bytes(), each.name


def shown(media: PyAvMedia, file: Path, window: tuple[int, int], grid: tuple[int, ...], out: Path) -> NDArray[np.uint8]:
    """(count, height, width, 3): what a stage would look at."""
    made = media.sample(file, *window, None, out, grid_ms=grid, max_side=4096)
    artifact = Artifact(sha256="0" * 64, size_bytes=out.stat().st_size, path="frames/x", media_type="video/x-matroska")
    clip = SampledClip(
        container=artifact, width=made.width, height=made.height, frames_per_second=1.0, frame_ms=grid,
        source_pts_ms=made.source_pts_ms, has_sound=False,
    )  # fmt: skip
    return media.open(out, clip, window[0], *window).frames()


def may_show(video: FormatTruth, instant: int) -> set[int]:
    """The numbers that may be on screen, given how exactly the container tells time."""
    slack = tolerance_ms(video)
    first, last = (bisect_right(video.begins_ms, instant + by) - 1 for by in (-slack, slack))
    return {video.numbers[max(index, 0)] for index in (first, last)}


def tolerance_ms(video: FormatTruth) -> float:
    if video.file.endswith(MILLISECOND_UNITS):
        return 0.51
    return 0.012 if video.file.endswith(".ts") else 1e-5


def digest(frame: av.VideoFrame) -> str:
    return hashlib.md5(frame.to_ndarray().tobytes()).hexdigest()


def extracted(media: PyAvMedia, file: Path, window: tuple[int, int], out: Path) -> NDArray[np.int64]:
    media.extract_sound(file, *window, out, rate_hz=RATE_HZ)
    with av.open(str(out)) as container:
        return np.concatenate([frame.to_ndarray().reshape(-1) for frame in container.decode(audio=0)]).astype(np.int64)


def full_decode(file: Path, count: int) -> NDArray[np.int64]:
    """`count` samples from the start of presentation: all the sound behind silence as long as it is late, through one resampler."""
    with av.open(str(file)) as container:
        stream = container.streams.audio[0]
        start = min(each.start_time * each.time_base for each in container.streams if each.start_time is not None)
        frames = list(container.decode(stream))
    late = round((frames[0].pts * frames[0].time_base - start) * frames[0].sample_rate)
    resampler = AudioResampler(format="s16", layout="mono", rate=RATE_HZ)
    heard = [made.to_ndarray().reshape(-1) for frame in (*silence(late, frames[0]), *frames, None) for made in resampler.resample(frame)]
    whole = np.concatenate(heard)[:count].astype(np.int64)
    return np.pad(whole, (0, count - len(whole)))


def silence(samples: int, like: av.AudioFrame) -> Iterator[av.AudioFrame]:
    if samples > 0:
        planes = np.zeros((len(like.planes), samples), like.to_ndarray().dtype) if like.format.is_planar else None
        frame = av.AudioFrame.from_ndarray(
            planes if planes is not None else np.zeros((1, samples * len(like.layout.channels)), like.to_ndarray().dtype),
            format=like.format.name,
            layout=like.layout.name,
        )
        frame.sample_rate, frame.time_base = like.sample_rate, Fraction(1, like.sample_rate)
        yield frame


def onset(heard: NDArray[np.int64], at_ms: float) -> float:
    """The sample, to a fraction, at which the chirp near an instant begins."""
    pattern = chirp(RATE_HZ)
    around = 20 * PER_MS
    first = max(round(at_ms * PER_MS) - around, 0)
    stretch = heard[first : first + 2 * around + CHIRP_MS * PER_MS].astype(float)
    match = np.correlate(stretch, pattern, "valid")
    best = int(np.argmax(match))
    left, middle, right = match[best - 1 : best + 2]
    return first + best + (left - right) / (2 * (left - 2 * middle + right))
