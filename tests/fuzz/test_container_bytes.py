"""Any bytes in a file that is called a video: a whole result, or a reason that names the damage. Never anything else."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from egoetl.core.errors import DataError
from egoetl.core.records import Artifact, SampledClip
from egoetl.footage.damaged_boxes import boxes
from egoetl.media.pyav_media import PyAvMedia
from egoetl.testing.fuzzing import MUTATIONS, Mutation, fuzzing

SHA = "a" * 64
STEP_MS = 500
LONGEST_MS = 20_000
RATE_HZ = 16_000
KINDS = ("plain.mp4", "index_first.mp4", "fragments.mp4", "hevc.mp4", "plain.mkv", "jpeg.mkv", "plain.webm", "plain.mov", "plain.ts",
         "plain.avi")  # fmt: skip
REASONS = frozenset(
    {
        *("file_empty", "file_cut_off", "index_missing", "index_lies", "not_a_video", "duration_unknown", "duration_lies"),
        *("no_picture", "single_picture", "picture_too_large", "undecodable"),
        *("picture_corrupt", "picture_untimed", "picture_missing", "pictures_lost"),
        *("sound_empty", "sound_unusable", "sound_corrupt"),
    }
)


class Files(NamedTuple):
    """Where a damaged video and what is made of it lie."""

    folder: Path

    def built(self, name: str, data: bytes) -> str:
        """Do with a file all that a build does with its bytes, and check what comes of it. Returns the reason, or `whole`."""
        file = self.folder / name
        file.write_bytes(data)
        try:
            self._built(file)
        except DataError as error:
            return error.reason
        return "whole"

    def _built(self, file: Path) -> None:
        media = PyAvMedia()
        video = media.probe(file, sha256=SHA)
        end_ms = min(video.duration_ms, LONGEST_MS)
        sound, out, grid = self.folder / "sound.flac", self.folder / "sampled.mkv", tuple(range(0, end_ms, STEP_MS))
        samples = media.extract_sound(file, 0, end_ms, sound, rate_hz=RATE_HZ)
        assert samples == (end_ms * RATE_HZ // 1000 if video.sound else 0)
        made = media.sample(file, 0, end_ms, sound if samples else None, out, grid_ms=grid, max_side=48)
        clip = SampledClip(
            container=Artifact(sha256=SHA, size_bytes=out.stat().st_size, path="frames/x", media_type="video/matroska"),
            width=made.width,
            height=made.height,
            frames_per_second=1000 / STEP_MS,
            frame_ms=grid,
            source_pts_ms=made.source_pts_ms,
            has_sound=samples > 0,
        )
        window = media.open(out, clip, 0, 0, end_ms)
        assert window.frames().shape == (len(grid), made.height, made.width, 3)
        assert len(window.sound()[0]) == samples
        assert all(abs(shown - time) <= 10_000 for shown, time in zip(made.source_pts_ms, grid, strict=True))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return Files(tmp_path_factory.mktemp("damaged"))


@pytest.mark.parametrize("kind", KINDS)
def test_the_seeds_are_whole(files: Files, whole_videos: Mapping[str, bytes], kind: str) -> None:
    assert files.built(kind, whole_videos[kind]) == "whole"


@pytest.mark.slow
@fuzzing(900)
@given(kind=st.sampled_from(KINDS), blows=MUTATIONS)
def test_a_damaged_video_is_whole_or_refused_for_a_reason(
    files: Files, whole_videos: Mapping[str, bytes], kind: str, blows: list[Mutation]
) -> None:
    data = whole_videos[kind]
    for blow in blows:
        data = blow.applied(data)
    assert files.built(kind, data) in REASONS | {"whole"}


@fuzzing(60)
@given(data=st.binary(max_size=400), begin=st.sampled_from([b"", b"\0\0\0\x18ftypisom", b"\0\0\0\x08moov", b"\x1a\x45\xdf\xa3", b"RIFF"]))
@example(data=b"", begin=b"")
@example(data=b"\x02\x10\0\0\0\0\0", begin=b"\x1a\x45\xdf\xa3")
@example(data=b"ftyp\0\0\0\x01moof" + b"\x7f" * 8 + b"\0\0\0\x01traf" + b"\x7f" * 8, begin=b"\0\0\0\x08")
@example(data=b"moov" + b"\0\0\0\x01traf" + b"\xff" * 8, begin=b"\0\0\0\x18")
def test_no_bytes_at_all_are_a_video(files: Files, data: bytes, begin: bytes) -> None:
    assert files.built("noise.mp4", begin + data) in REASONS


@pytest.mark.slow
@fuzzing(150)
@given(kind=st.sampled_from(["index_first.mp4", "fragments.mp4", "plain.mkv"]), share=st.floats(0, 0.999))
def test_a_video_that_was_cut_off_is_never_built(files: Files, whole_videos: Mapping[str, bytes], kind: str, share: float) -> None:
    """Containers that say how long they are: wherever the cut is, no half of a clip passes for the whole."""
    data = whole_videos[kind]
    if kind == "fragments.mp4":
        data = data[: data.rindex(b"mfra") - 4]
    cut = data[: int(len(data) * share)]
    outcome = files.built(kind, cut)
    if kind != "fragments.mp4" or not ends_with_a_fragment(cut):
        assert outcome in REASONS


def ends_with_a_fragment(data: bytes) -> bool:
    """Whether a fragmented file was cut behind a fragment, where nothing tells that there was more."""
    found = list(boxes(data, 0, len(data) - 7))
    return bool(found) and found[-1].type == "mdat" and found[-1].end == len(data)
