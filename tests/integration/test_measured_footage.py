"""The measured engine on real files: sample footage, decoded, against its truth, and against a re-encoded copy."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from egoetl.core.ids import clip_id, segment_id
from egoetl.core.items import SampledSegment
from egoetl.core.ports import SampledMedia
from egoetl.core.records import Artifact, Captions, Clip, ContextGraph, SampledClip, Segment
from egoetl.footage.facts import Fact
from egoetl.footage.maker import make
from egoetl.footage.reel.hallway import HALLWAY
from egoetl.footage.reel.workshop import WORKSHOP
from egoetl.footage.score import compare
from egoetl.footage.truth import FootageTruth
from egoetl.media.encode import write_video
from egoetl.media.pyav_media import PyAvMedia
from egoetl.testing.asking import Asker

pytestmark = pytest.mark.slow

SEGMENT_MS, STEP_MS = 10_000, 250


@dataclass
class Said:
    """What the engine said of one segment."""

    segment: Segment
    captions: Captions
    graph: ContextGraph

    def facts(self) -> Iterator[Fact]:
        window = {"start_ms": self.segment.start_ms, "end_ms": self.segment.end_ms}
        yield from (Fact(kind="object", name=name, **window) for name in self.captions.objects)
        for event in self.captions.events:
            yield Fact(kind="event", name=event.object, action=event.action, start_ms=event.start_ms, end_ms=event.end_ms)
        for sound in self.graph.sounds:
            yield Fact(kind="sound", sound=sound.sound, start_ms=sound.start_ms, end_ms=sound.end_ms)
            if sound.source:
                yield Fact(kind="link", sound=sound.sound, name=sound.source, start_ms=sound.start_ms, end_ms=sound.end_ms)


def decoded(file: Path, work: Path) -> list[tuple[SampledSegment, SampledMedia]]:
    """Decode a file once, as the stages do: its segments and their media."""
    media, sha = PyAvMedia(), hashlib.sha256(file.read_bytes()).hexdigest()
    video = media.probe(file, sha256=sha)
    end_ms = video.duration_ms
    clip = Clip(start_ms=0, end_ms=end_ms, clip_id=clip_id(sha, 0, end_ms), video=video)
    samples = media.extract_sound(file, 0, end_ms, work / f"{sha}.flac", rate_hz=16_000)
    grid = tuple(range(0, end_ms, STEP_MS))
    container = work / f"{sha}.mkv"
    written = media.sample(file, 0, end_ms, work / f"{sha}.flac", container, grid_ms=grid, max_side=448)
    sampled = SampledClip(
        container=Artifact(sha256=sha, size_bytes=1, path=container.name, media_type="video/x-matroska"),
        width=written.width,
        height=written.height,
        frames_per_second=1000 / STEP_MS,
        frame_ms=grid,
        source_pts_ms=written.source_pts_ms,
        has_sound=samples > 0,
    )
    windows = enumerate((start_ms, min(start_ms + SEGMENT_MS, end_ms)) for start_ms in range(0, end_ms, SEGMENT_MS))
    segments = [
        Segment(segment_id=segment_id(clip.clip_id, a, b), index=index, start_ms=a, end_ms=b, partial=b - a < SEGMENT_MS)
        for index, (a, b) in windows
    ]
    return [
        (SampledSegment(clip=clip, segment=each, sampled=sampled), media.open(container, sampled, 0, each.start_ms, each.end_ms))
        for each in segments
    ]


async def measured(file: Path, work: Path) -> list[Fact]:
    """What the engine says of a file, segment by segment."""
    facts: list[Fact] = []
    for item, media in decoded(file, work):
        asker = Asker(segment=item)
        captions = await asker.captions(media)
        facts += Said(item.segment, captions, await asker.graph(captions)).facts()
    return facts


def encode_again(source: Path, copy: Path) -> None:
    """Harder compression, other groups of pictures and another container."""
    with av.open(str(source)) as container:
        stream = container.streams.video[0]
        rate, size = stream.average_rate or Fraction(30), (stream.width, stream.height)
        pictures = [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)]
    with av.open(str(source)) as container:
        sound = list(container.decode(container.streams.audio[0]))
    samples = np.concatenate([frame.to_ndarray() for frame in sound], axis=1).T.astype(np.float32)
    write_video(
        copy, enumerate(pictures), size=size, rate=rate, crf=30, gop=50, preset="fast", sound=samples, sound_rate=sound[0].sample_rate
    )


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, FootageTruth]:
    folder = tmp_path_factory.mktemp("footage")
    made = make(folder, lambda *_: None, reel=(HALLWAY, WORKSHOP))
    return folder, FootageTruth.model_validate_json(Path(made.truth).read_text())


async def test_it_finds_what_is_true_and_only_chance_agrees_with_other_truth(footage: tuple[Path, FootageTruth], tmp_path: Path) -> None:
    folder, truth = footage
    said = {name: await measured(folder / video.file, tmp_path) for name, video in truth.videos.items()}

    result = compare(truth, said)

    for kind in ("object by colour", "event", "sound", "link"):
        counts = result.score.measures[kind]
        assert (counts.precision or 0) >= 0.9, kind
        assert (counts.recall or 0) >= 0.8, kind
    assert (result.chance.overall.precision or 0) <= 0.2


async def test_a_renamed_copy_encoded_again_has_the_same_facts(footage: tuple[Path, FootageTruth], tmp_path: Path) -> None:
    folder, truth = footage
    same = total = 0
    for name, video in truth.videos.items():
        encode_again(folder / video.file, tmp_path / f"other_{name}.mkv")
        first = set(await measured(folder / video.file, tmp_path))
        second = set(await measured(tmp_path / f"other_{name}.mkv", tmp_path))
        same += len(first & second)
        total += max(len(first), len(second))

    assert total >= 50
    assert same / total >= 0.95
