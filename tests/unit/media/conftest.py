"""Videos to decode, and their sampled containers."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from egoetl.core.records import Artifact, SampledClip
from egoetl.media.encode import write_video
from egoetl.media.pyav_media import PyAvMedia
from egoetl.testing.videos import SIZE, numbered


@pytest.fixture(scope="session")
def make(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Write a video of `frames` numbered pictures; equal arguments give the same file."""
    folder = tmp_path_factory.mktemp("videos")
    made: dict[str, Path] = {}

    def build(name: str, frames: int = 90, rate: Fraction = Fraction(30), **settings: Any) -> Path:
        key = repr((name, frames, rate, sorted((key, str(value)) for key, value in settings.items())))
        if key not in made:
            (folder / str(len(made))).mkdir()
            path = folder / str(len(made)) / name
            write_video(path, numbered(frames), size=SIZE, rate=rate, crf=12, **settings)
            made[key] = path
        return made[key]

    return build


@pytest.fixture
def media() -> PyAvMedia:
    return PyAvMedia()


@pytest.fixture
def sampled(media: PyAvMedia, tmp_path: Path) -> Callable[..., tuple[Path, SampledClip]]:
    """Sample a window of a file on a grid, with its sound."""

    def build(file: Path, start_ms: int, end_ms: int, step_ms: int = 500, max_side: int = 192) -> tuple[Path, SampledClip]:
        sound, out = tmp_path / "sound.flac", tmp_path / "sampled.mkv"
        samples = media.extract_sound(file, start_ms, end_ms, sound)
        grid = tuple(range(start_ms, end_ms, step_ms))
        frames = media.sample(file, start_ms, end_ms, sound if samples else None, out, grid_ms=grid, max_side=max_side)
        return out, SampledClip(
            container=Artifact(sha256="0" * 64, size_bytes=out.stat().st_size, path="frames/x", media_type="video/matroska"),
            width=frames.width,
            height=frames.height,
            frames_per_second=1000 / step_ms,
            frame_ms=grid,
            source_pts_ms=frames.source_pts_ms,
            has_sound=samples > 0,
        )

    return build
