"""A verdict is judged anew exactly when something that a rule may read has changed."""

import itertools

import pytest

from egoetl.core.content_key import content_key, sha256_of
from egoetl.core.ids import qa_id
from egoetl.core.records import HumanNarrations, QAPair, QAPairs, SplitClip
from egoetl.recipes.index import load
from egoetl.testing.samples import a_clip, a_kitchen_clip, a_narrated_clip, a_narrated_segment, a_row

EGOAVU = load("egoavu")
TASKS = {each.name: each.name.removeprefix("qa_") for each in EGOAVU.stages if each.name.startswith("qa_")}
KITCHEN = a_kitchen_clip()
OTHER = a_narrated_clip(a_clip(0, 10_000), a_narrated_segment(a_clip(0, 10_000)))
CLIPS = {"2": KITCHEN, "3": OTHER}
OF_SEGMENTS = {"caption": "captions", "mcg": "graph", "av_narration": "narration"}
EVIDENCE = [
    ("register", "2"), ("split", KITCHEN.clip.clip_id), ("frames", KITCHEN.clip.clip_id),
    *itertools.product(OF_SEGMENTS, [each.segment.segment_id for each in KITCHEN.segments]),
]  # fmt: skip


def record_of(stage: str, unit: str, key: str, no_sound):
    """What a stage made of a unit."""
    if stage == "register":
        return CLIPS[unit].clip
    clip = next(each for each in CLIPS.values() if unit.startswith(each.clip.clip_id))
    if stage == "split":
        return SplitClip(sound=no_sound, segments=tuple(each.segment for each in clip.segments))
    if stage == "frames":
        return clip.segments[0].sampled
    if stage == "narrations":
        return HumanNarrations()
    if stage == "diversity":
        return clip.diversity
    if stage in OF_SEGMENTS:
        return getattr(next(each for each in clip.segments if each.segment.segment_id == unit), OF_SEGMENTS[stage])
    window = {"start_ms": clip.clip.start_ms, "end_ms": clip.clip.end_ms}
    return QAPairs(pairs=(QAPair(qa_id=qa_id(key, 0), task=TASKS[stage], question="Is it?", answer="Yes", **window),))


@pytest.fixture
def verdicts(new_shelf, shelf):
    """The keys of all verdicts by task and drafting unit, if the result of one unit had come out differently."""
    no_sound = shelf.records[f"split:{KITCHEN.clip.clip_id}"].sound

    def run(changed: tuple[str, str] | None = None) -> dict[tuple[str, str], str]:
        rows = tuple(a_row(each.clip.start_ms, each.clip.end_ms).model_copy(update={"row": int(line)}) for line, each in CLIPS.items())
        made, drafted = new_shelf(EGOAVU, rows), {}
        for stage in EGOAVU.stages:
            for unit, ready in made.joined(stage.name).items():
                inputs = ready.inputs or (f"bytes of line {unit}",)
                key = content_key(sha256_of(stage.name), inputs, candidate=int((stage.name, unit) == changed))
                if stage.name == "verify":
                    drafted[unit] = (*drafted[unit], key)
                    continue
                record = record_of(stage.name, unit, key, no_sound)
                if stage.name in TASKS:
                    drafted[record.pairs[0].qa_id] = (TASKS[stage.name], unit)
                made.put(stage.name, unit, record, key=key)
        return {(task, unit): key for task, unit, key in drafted.values()}

    return run


def differing(one, other, unit: str) -> dict[str, set[str]]:
    """By task, the units of a clip whose verdict has another key."""
    assert one.keys() == other.keys()
    return {task: {at for name, at in one if name == task and at.startswith(unit) and one[name, at] != other[name, at]} for task, _ in one}


@pytest.mark.parametrize(("stage", "unit"), EVIDENCE, ids=lambda each: each.rsplit("_", 1)[-1])
def test_any_change_of_evidence_asks_every_pair_of_the_clip_again(verdicts, stage: str, unit: str) -> None:
    before, after = verdicts(), verdicts((stage, unit))
    clips, segments = {KITCHEN.clip.clip_id}, {each.segment.segment_id for each in KITCHEN.segments}
    units = {name: clips if EGOAVU.stage(stage).unit == "clip" else segments for stage, name in TASKS.items()}
    assert differing(before, after, KITCHEN.clip.clip_id) == units
    assert differing(before, after, OTHER.clip.clip_id) == {name: set() for name in units}


def test_another_draft_of_one_task_asks_its_own_pairs_again_alone(verdicts) -> None:
    segment = KITCHEN.segments[1].segment.segment_id
    nothing = {name: set() for name in TASKS.values()}
    assert differing(verdicts(), verdicts(("qa_avsn", segment)), "") == {**nothing, "avsn": {segment}}


def test_nothing_changed_asks_nothing_again(verdicts) -> None:
    assert verdicts() == verdicts()
