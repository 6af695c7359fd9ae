"""The measured engine on real files: sample footage, decoded, against its truth, and against a re-encoded copy."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from egoetl.core.records import Captions, ContextGraph, Segment
from egoetl.footage.facts import Fact
from egoetl.footage.maker import make
from egoetl.footage.reel.hallway import HALLWAY
from egoetl.footage.reel.workshop import WORKSHOP
from egoetl.footage.score import compare
from egoetl.footage.truth import FootageTruth
from egoetl.media.encode import write_video
from egoetl.testing.asking import Asker
from egoetl.testing.decoding import decoded

pytestmark = pytest.mark.slow


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
