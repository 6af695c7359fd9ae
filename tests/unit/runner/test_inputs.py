"""Joining earlier results into items: by type, with the keys that the result depends on."""

import pytest

from egoetl.core.items import CaptionedSegment, DiverseClip, DraftedPair
from egoetl.core.records import Clip, SplitClip
from egoetl.recipes.index import load
from egoetl.runner.inputs import Blocked, Ready
from egoetl.testing.samples import a_clip, a_kitchen_clip, a_row

KITCHEN = a_kitchen_clip()
CLIP = KITCHEN.clip.clip_id
SEGMENTS = [each.segment.segment_id for each in KITCHEN.segments]
FIRST, SECOND, THIRD = SEGMENTS
OF_SEGMENTS = sorted([f"av_narration:{each}" for each in SEGMENTS] + [f"split:{CLIP}#{each}" for each in SEGMENTS])


def keys(ready) -> list[str]:
    assert isinstance(ready, Ready)
    return sorted(ready.inputs)


NARRATED = [{name: value for name, value in each if name != "diversity"} for each in KITCHEN.segments]
"""What a gather has of each segment."""


def test_a_row_is_given_as_it_stands(shelf) -> None:
    joined = shelf.joined("register")
    assert joined["2"].item.row == shelf.rows[0]
    assert joined["2"].unit.clip_id is None


def test_a_stage_is_given_the_results_of_the_unit_and_of_its_clip(shelf) -> None:
    joined = shelf.joined("mcg")
    assert list(joined) == SEGMENTS
    item = joined[SECOND].item
    assert isinstance(item, CaptionedSegment)
    expected = KITCHEN.segments[1]
    assert (item.clip, item.segment, item.sampled, item.captions) == (KITCHEN.clip, expected.segment, expected.sampled, expected.captions)
    assert joined[SECOND].unit == ("segment", SECOND, CLIP)


def test_a_gather_is_given_all_segments_in_time_order(shelf) -> None:
    item = shelf.joined("qa_avh_sound")[CLIP].item
    assert isinstance(item, DiverseClip)
    assert (item.clip, item.diversity) == (KITCHEN.clip, KITCHEN.diversity)
    assert [dict(each) for each in item.segments] == NARRATED


def test_a_pair_is_given_with_the_evidence_of_its_whole_clip(shelf) -> None:
    joined = shelf.joined("verify")
    assert sorted(joined) == ["qa_avh_sound", "qa_avsn", "qa_tr_before_after"]
    item = joined["qa_avsn"].item
    assert isinstance(item, DraftedPair)
    assert [dict(each) for each in item.segments] == NARRATED
    assert joined["qa_avsn"].unit == ("qa", "qa_avsn", CLIP)


def test_the_keys_that_each_stage_of_the_recipe_depends_on(shelf) -> None:
    assert keys(shelf.joined("split")[CLIP]) == [f"register:2#{CLIP}"]
    assert keys(shelf.joined("frames")[CLIP]) == [f"register:2#{CLIP}", f"split:{CLIP}"]
    assert keys(shelf.joined("caption")[FIRST]) == [f"frames:{CLIP}", f"split:{CLIP}#{FIRST}"]
    assert keys(shelf.joined("mcg")[FIRST]) == [f"caption:{FIRST}", f"narrations:{CLIP}", f"split:{CLIP}#{FIRST}"]
    assert keys(shelf.joined("av_narration")[FIRST]) == [f"mcg:{FIRST}", f"split:{CLIP}#{FIRST}"]
    assert keys(shelf.joined("qa_avsn")[FIRST]) == [f"av_narration:{FIRST}", f"split:{CLIP}#{FIRST}"]
    assert keys(shelf.joined("qa_avh_sound")[CLIP]) == sorted([f"register:2#{CLIP}", *OF_SEGMENTS])
    assert keys(shelf.joined("qa_tr_before_after")[CLIP]) == keys(shelf.joined("qa_avh_sound")[CLIP])


def test_a_verdict_on_a_segments_pair_depends_on_the_whole_clip_and_one_on_a_clips_pair_through_the_pair(shelf) -> None:
    joined = shelf.joined("verify")
    assert keys(joined["qa_avsn"]) == sorted([f"qa_avsn:{FIRST}#qa_avsn", *OF_SEGMENTS])
    assert keys(joined["qa_avh_sound"]) == [f"qa_avh_sound:{CLIP}#qa_avh_sound"]
    assert keys(joined["qa_tr_before_after"]) == [f"qa_tr_before_after:{CLIP}#qa_tr_before_after"]


def test_edges_are_the_same_keys_without_units(shelf) -> None:
    ready = shelf.joined("qa_avh_sound")[CLIP]
    assert list(ready.edges) == sorted({each.split("#")[0] for each in ready.inputs})


def test_a_dropped_segment_leaves_the_gather(shelf) -> None:
    shelf.put("caption", SECOND, state="dropped")
    assert list(shelf.joined("mcg")) == [FIRST, THIRD]
    ready = shelf.joined("qa_avh_sound")[CLIP]
    assert [each.segment.segment_id for each in ready.item.segments] == [FIRST, THIRD]
    assert not [key for key in ready.inputs if key.startswith("av_narration") and SECOND in key]


def test_a_failed_segment_blocks_its_own_later_stages_and_its_clip(shelf) -> None:
    shelf.put("caption", SECOND, state="failed")
    joined = shelf.joined("mcg")
    assert isinstance(joined[SECOND], Blocked)
    assert joined[SECOND].message == f"caption of {SECOND} is failed"
    assert isinstance(joined[FIRST], Ready)
    assert isinstance(shelf.joined("qa_avh_sound")[CLIP], Blocked)


def test_a_stage_that_has_not_run_blocks_what_needs_it(shelf) -> None:
    del shelf.statuses["frames", CLIP]
    assert {each.message for each in shelf.joined("caption").values()} == {"frames has not run for it"}


def test_a_clip_whose_split_failed_is_blocked_and_not_taken_for_one_without_segments(shelf) -> None:
    shelf.put("split", CLIP, state="failed")
    for stage in ("frames", "qa_avh_sound", "qa_tr_before_after"):
        assert isinstance(shelf.joined(stage)[CLIP], Blocked), stage
    assert shelf.joined("caption") == {}


def test_a_clip_whose_split_was_dropped_does_not_exist_for_later_stages(shelf) -> None:
    shelf.put("split", CLIP, state="dropped")
    assert shelf.joined("frames") == shelf.joined("qa_avh_sound") == {}


def test_a_failed_registration_brings_no_clip_into_being(shelf) -> None:
    shelf.put("register", "2", state="failed")
    assert shelf.joined("split") == {}


def test_a_result_that_came_second_to_a_drop_counts_as_dropped(shelf) -> None:
    """Two workers made the same result; the drop was committed first and is the result, though this unit was noted as done."""
    status = shelf.statuses["caption", SECOND]
    shelf.put("caption", SECOND, state="dropped")
    shelf.statuses["caption", SECOND] = status
    assert list(shelf.joined("mcg")) == [FIRST, THIRD]


@pytest.mark.parametrize("stage", ["qa_avsn", "qa_avh_sound"])
def test_what_a_gate_drops_does_not_exist_below_it_and_its_key_is_in_no_other(shelf, stage: str) -> None:
    unit = next(iter(shelf.joined(stage)))
    before = keys(shelf.joined(stage)[unit])
    shelf.put("diversity", CLIP, KITCHEN.diversity, key="diversity measured otherwise")
    assert keys(shelf.joined(stage)[unit]) == before
    assert not [key for key in before if key.startswith("diversity")]
    shelf.put("diversity", CLIP, state="dropped")
    assert shelf.joined(stage) == {}
    shelf.put("diversity", CLIP, state="failed")
    assert isinstance(shelf.joined(stage)[unit], Blocked)


def test_a_clips_narrations_are_those_of_its_first_row_that_names_some(new_shelf) -> None:
    clip = a_clip()
    rows = [a_row(60_000, 85_000).model_copy(update={"row": line, "narrations": name}) for line, name in ((2, None), (3, "a"), (4, "b"))]
    named = new_shelf(load("egoavu"), tuple(rows))
    for row in rows:
        named.put("register", str(row.row), clip)
    assert named.inputs("split").narrations() == {clip.clip_id: "a"}


def test_two_rows_of_one_clip_make_one_unit_under_the_first_rows_key(new_shelf) -> None:
    clip = a_clip()
    rows = (a_row(60_000, 85_000), a_row(60_000, 85_000, uri="copy.mp4").model_copy(update={"row": 10}))
    twice = new_shelf(load("egoavu"), rows)
    for row in reversed(rows):
        twice.put("register", str(row.row), clip)
    ((unit, ready),) = twice.joined("split").items()
    assert (unit, keys(ready)) == (clip.clip_id, [f"register:2#{clip.clip_id}"])
    assert twice.inputs("split").videos() == {clip.video.sha256: rows[0]}


def test_clips_do_not_see_each_others_segments(shelf) -> None:
    other = a_clip(0, 10_000)
    lone = KITCHEN.segments[0].segment.model_copy(update={"segment_id": f"{other.clip_id}.000", "start_ms": 0, "end_ms": 10_000})
    shelf.put("register", "3", other)
    shelf.put("split", other.clip_id, SplitClip(sound=shelf.records[f"split:{CLIP}"].sound, segments=(lone,)))
    shelf.put("frames", other.clip_id, KITCHEN.segments[0].sampled)
    joined = shelf.joined("qa_avh_sound")
    assert isinstance(joined[CLIP], Ready)
    assert isinstance(joined[other.clip_id], Blocked)
    assert isinstance(shelf.joined("caption")[lone.segment_id].item.clip, Clip)
    assert shelf.joined("caption")[lone.segment_id].item.clip == other
