"""register, split and frames on a real file, with the real decoder and store."""

import hashlib
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from egoetl.core.errors import DataError
from egoetl.core.items import ClipItem, RowItem, SplitClipItem
from egoetl.core.records import Clip, SampledClip, SplitClip
from egoetl.core.stage import Stage
from egoetl.footage.damaged_videos import with_a_lying_duration
from egoetl.media.encode import write_video
from egoetl.media.pyav_media import PyAvMedia
from egoetl.stages.frames import FramesParams, frames
from egoetl.stages.register import RegisterParams, fingerprint, register
from egoetl.stages.split import SplitParams, split
from egoetl.storage.local import LocalStore
from egoetl.testing.samples import a_row
from egoetl.testing.stage_io import FakeStageIO
from egoetl.testing.videos import SIZE, numbered

SECONDS = 6


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("videos")
    tone = np.sin(np.arange(SECONDS * 48_000) * 0.05).astype(np.float32)[:, None] * 0.3
    write_video(place / "kitchen.mp4", numbered(SECONDS * 30), size=SIZE, rate=Fraction(30), sound=tone)
    write_video(place / "silent.mp4", numbered(SECONDS * 30), size=SIZE, rate=Fraction(30))
    return place


def io_for(stage: Stage, folder: Path, clip: Clip | None = None, uri: str = "kitchen.mp4") -> FakeStageIO:
    registered = {clip.video.sha256: folder / uri} if clip else {}
    return FakeStageIO(stage, adapters=(PyAvMedia(), LocalStore(folder / "store")), folder=folder, registered=registered)


async def registered(folder: Path, start_ms: int, end_ms: int, uri: str = "kitchen.mp4") -> Clip:
    made = await register.run(RowItem(row=a_row(start_ms, end_ms, uri=uri)), RegisterParams(), io_for(register, folder))
    assert isinstance(made, Clip)
    return made


async def cut(folder: Path, clip: Clip, uri: str = "kitchen.mp4", segment_ms: int = 2_000) -> SplitClip:
    made = await split.run(ClipItem(clip=clip), SplitParams(segment_ms=segment_ms), io_for(split, folder, clip, uri))
    assert isinstance(made, SplitClip)
    return made


async def sampled(folder: Path, clip: Clip, split_clip: SplitClip, uri: str = "kitchen.mp4") -> SampledClip:
    made = await frames.run(SplitClipItem(clip=clip, split=split_clip), FramesParams(), io_for(frames, folder, clip, uri))
    assert isinstance(made, SampledClip)
    return made


async def test_a_clip_is_known_by_its_bytes_and_its_window(folder: Path) -> None:
    clip = await registered(folder, 500, 4_000)
    sha256 = hashlib.sha256((folder / "kitchen.mp4").read_bytes()).hexdigest()
    assert clip.video.sha256 == sha256
    assert clip.clip_id == f"{sha256[:16]}_500_4000"
    assert fingerprint(RowItem(row=a_row()), io_for(register, folder)) == f"{sha256}:0:20000"


def test_the_fingerprint_follows_the_bytes(tmp_path: Path) -> None:
    seen: set[str] = set()
    for content in (b"one", b"other"):
        (tmp_path / "kitchen.mp4").write_bytes(content)
        seen.add(fingerprint(RowItem(row=a_row()), io_for(register, tmp_path)))
    assert seen == {f"{hashlib.sha256(content).hexdigest()}:0:20000" for content in (b"one", b"other")}


async def test_an_end_just_past_the_video_is_its_end(folder: Path) -> None:
    whole = await registered(folder, 0, SECONDS * 1000 + 900)
    assert whole.end_ms == whole.video.duration_ms
    assert whole.clip_id.endswith(f"_0_{whole.end_ms}")


@pytest.mark.parametrize(("start_ms", "end_ms"), [(0, 8_000), (7_000, 9_000), (6_500, 6_900)])
async def test_a_window_past_the_end_is_refused(folder: Path, start_ms: int, end_ms: int) -> None:
    with pytest.raises(DataError, match="shorten the window") as raised:
        await registered(folder, start_ms, end_ms)
    assert raised.value.reason == "window_past_end"


async def test_a_window_that_only_the_header_promises_is_refused_for_the_lie(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "long.mp4").write_bytes(with_a_lying_duration((folder / "kitchen.mp4").read_bytes()))
    whole = await registered(tmp_path, 0, SECONDS * 1000, uri="long.mp4")
    assert (whole.start_ms, whole.end_ms) == (0, SECONDS * 1000)
    with pytest.raises(DataError, match="claims, 7200 s, but its pictures end at 6 s") as raised:
        await registered(tmp_path, 0, 7_200_000, uri="long.mp4")
    assert raised.value.reason == "duration_lies"
    with pytest.raises(DataError) as raised:
        await registered(tmp_path, 0, 8_000_000, uri="long.mp4")
    assert raised.value.reason == "window_past_end"


async def test_a_window_longer_than_a_clip_may_be_is_refused(folder: Path) -> None:
    row = RowItem(row=a_row(0, 5_000, uri="kitchen.mp4"))
    with pytest.raises(DataError, match="lasts 5 s, the longest clip 4 s") as raised:
        await register.run(row, RegisterParams(longest_ms=4_000), io_for(register, folder))
    assert raised.value.reason == "window_too_long"


async def test_a_missing_file_is_refused(folder: Path) -> None:
    with pytest.raises(DataError) as raised:
        await registered(folder, 0, 1_000, uri="nowhere.mp4")
    assert raised.value.reason == "video_missing"


async def test_the_last_shorter_segment_is_kept_and_flagged(folder: Path) -> None:
    clip = await registered(folder, 500, 5_000)
    segments = (await cut(folder, clip)).segments
    assert [(each.start_ms, each.end_ms, each.partial) for each in segments] == [
        (500, 2_500, False),
        (2_500, 4_500, False),
        (4_500, 5_000, True),
    ]
    assert [each.segment_id for each in segments] == [f"{clip.clip_id}.{window}" for window in ("500_2500", "2500_4500", "4500_5000")]


async def test_a_clip_shorter_than_a_segment_is_one_partial_segment(folder: Path) -> None:
    segments = (await cut(folder, await registered(folder, 0, 1_500))).segments
    assert [(each.start_ms, each.end_ms, each.partial) for each in segments] == [(0, 1_500, True)]


async def test_the_sound_of_the_clip_is_kept_once_at_16_khz(folder: Path) -> None:
    sound = (await cut(folder, await registered(folder, 500, 5_000))).sound
    assert sound.rate_hz == 16_000
    assert sound.samples == 4_500 * 16
    assert sound.sound is not None
    assert sound.sound.path.startswith("sound/")
    assert (folder / "store" / sound.sound.path).read_bytes()[:4] == b"fLaC"


async def test_a_silent_source_has_no_sound(folder: Path) -> None:
    clip = await registered(folder, 0, 3_000, "silent.mp4")
    made = await cut(folder, clip, "silent.mp4")
    assert made.sound.sound is None
    assert not (await sampled(folder, clip, made, "silent.mp4")).has_sound


async def test_the_grid_of_every_segment_starts_at_its_start(folder: Path) -> None:
    clip = await registered(folder, 100, 3_000)
    made = await cut(folder, clip, segment_ms=1_100)
    grid = (await sampled(folder, clip, made)).frame_ms
    assert grid == (100, 350, 600, 850, 1_100, 1_200, 1_450, 1_700, 1_950, 2_200, 2_300, 2_550, 2_800)


async def test_the_container_holds_the_pictures_and_the_sound_of_each_segment(folder: Path) -> None:
    clip = await registered(folder, 500, 5_000)
    made = await cut(folder, clip)
    sample = await sampled(folder, clip, made)
    assert sample.has_sound
    assert sample.container.path.startswith("frames/")
    assert all(0 <= instant - shown < 40 for instant, shown in zip(sample.frame_ms, sample.source_pts_ms, strict=True))
    last = made.segments[-1]
    media = PyAvMedia().open(folder / "store" / sample.container.path, sample, clip.start_ms, last.start_ms, last.end_ms)
    assert media.frame_ms == (4_500, 4_750)
    assert media.frames().shape[0] == 2
    samples, rate_hz = media.sound()
    assert (len(samples), rate_hz) == (8_000, 16_000)
