"""The measured engine's yes/no questions on real files: what they answer is true."""

import asyncio
from pathlib import Path

import pytest

from egoetl.core.items import DiverseClip, DiverseSegment
from egoetl.footage.maker import make
from egoetl.footage.reel.hallway import HALLWAY
from egoetl.footage.reel.workshop import WORKSHOP
from egoetl.footage.truth import FootageTruth, VideoTruth
from egoetl.qa.task import Draft
from egoetl.testing import pairs
from egoetl.testing.asking import Asker
from egoetl.testing.decoding import decoded
from egoetl.testing.samples import DIVERSE, a_narrated_clip

pytestmark = pytest.mark.slow

SOUNDS = {"impact sound": "impact", "tonal sound": "tonal", "noise-like sound": "noise", "speech-like sound": "speech-like"}


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[DiverseClip, VideoTruth]]:
    """Each video as one clip, with everything that the engine says of it, and what is true of it."""
    folder = tmp_path_factory.mktemp("footage")
    made = make(folder, lambda *_: None, reel=(HALLWAY, WORKSHOP))
    truth = FootageTruth.model_validate_json(Path(made.truth).read_text())
    return {name: (asyncio.run(narrated(folder / video.file, folder)), video) for name, video in truth.videos.items()}


async def narrated(file: Path, work: Path) -> DiverseClip:
    segments: list[DiverseSegment] = []
    for item, media in decoded(file, work):
        asker = Asker(segment=item)
        captions = await asker.captions(media)
        graph = await asker.graph(captions)
        narration = {"av_narration": await asker.narration(captions, graph)}
        segments.append(
            DiverseSegment.model_validate(
                {**dict(item), "captions": captions, "graph": graph, "narration": narration, "diversity": DIVERSE}
            )
        )
    return a_narrated_clip(segments[0].clip, *segments)


def is_true(task: str, draft: Draft, truth: VideoTruth) -> bool:
    about = str(draft.about)
    if task == "avh_object":
        return about in {each.name for each in truth.objects}
    if task == "avh_action":
        return about in {f"the {each.object} {each.action}" for each in truth.events}
    name, _, source = about.partition(" of the ")
    causes = {
        truth.events[each.caused_by].object if each.caused_by is not None else "" for each in truth.sounds if each.sound == SOUNDS[name]
    }
    return source in causes if source else bool(causes)


@pytest.mark.parametrize("task", ["avh_action", "avh_object", "avh_sound"])
def test_every_answer_is_true(footage: dict[str, tuple[DiverseClip, VideoTruth]], task: str) -> None:
    drafts = [(draft, truth) for clip, truth in footage.values() for draft in pairs.measured(task, clip, pairs=16)]
    assert len(drafts) >= 6
    assert [draft.question for draft, truth in drafts if is_true(task, draft, truth) != (draft.answer == "Yes")] == []
