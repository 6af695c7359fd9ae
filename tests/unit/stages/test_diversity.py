"""The gate of varied narrations, which passes at its threshold and drops below it."""

from egoetl.core.items import NarratedClip
from egoetl.core.records import Diversity, Drop
from egoetl.stages.diversity import DiversityParams, diversity
from egoetl.testing.samples import a_clip, a_narrated_segment
from egoetl.testing.stage_io import FakeStageIO


def narrated(*texts: str) -> NarratedClip:
    clip = a_clip()
    return NarratedClip(clip=clip, segments=tuple(a_narrated_segment(clip, index, narration=text) for index, text in enumerate(texts)))


async def judged(clip: NarratedClip, **params: object) -> Diversity | Drop:
    made = await diversity.run(clip, DiversityParams.model_validate(params), FakeStageIO(diversity))
    assert isinstance(made, (Diversity, Drop))
    return made


async def test_the_ratio_is_taken_over_all_segments_together() -> None:
    assert await judged(narrated("A cup.", "A mug.")) == Diversity(mattr=0.75, tokens=4)


async def test_at_the_threshold_a_clip_passes_and_below_it_is_dropped() -> None:
    clip = narrated("cup mug cup mug")
    assert isinstance(await judged(clip, threshold=0.5), Diversity)
    dropped = await judged(clip, threshold=0.51)
    assert isinstance(dropped, Drop)
    assert (dropped.reason, dropped.detail) == ("low_diversity", "MATTR 0.500 of 4 tokens is below 0.51")


async def test_window_and_tokenizer_count() -> None:
    clip = narrated("cup, cup mug mug")
    assert await judged(clip, window=2, threshold=0) == Diversity(mattr=0.666667, tokens=4)
    assert await judged(clip, tokenizer="whitespace", threshold=0) == Diversity(mattr=0.75, tokens=4)
