"""Rules over a whole version: what each leaves out alone, whatever the order, and what comes back when the set changes."""

import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egoetl.core.records import QAPair
from egoetl.core.release import AcceptedPair
from egoetl.qa.curation import NEAR_DUPLICATE, YES_NO_TASKS, YES_NO_UNBALANCED, left_out

KNOCK = "Can a dull knock be heard while the camera wearer stirs the tea in this part of the video?"
OPTIONS = ("the tea is stirred", "the drawer is opened", "the spoon is laid down", "the red mug is lifted")


def accepted(qa_id: str, *, video: str = "a", split: str = "train", clip: str = "clip", **fields: Any) -> AcceptedPair:
    made: dict[str, Any] = {"task": "avh_sound", "question": KNOCK, "answer": "Yes", "about": "dull knock", "start_ms": 0, "end_ms": 40_000}
    pair = QAPair(qa_id=qa_id, **(made | fields))
    return AcceptedPair(pair=pair, video_id=video, video_sha256=video[0] * 64, clip_id=clip, split=split)


def open_pair(qa_id: str, **fields: Any) -> AcceptedPair:
    """A pair that no balance concerns."""
    return accepted(qa_id, **{"task": "ssa", "answer": "There is one sound.", "about": None, **fields})


def ordered(qa_id: str, **fields: Any) -> AcceptedPair:
    made = {"question": "Which of these comes after this: the lid is lifted?", "about": "the lid is lifted", "answer": OPTIONS[0]}
    return accepted(qa_id, **{"task": "tr_before_after", "options": OPTIONS, **made, **fields})


def curated(*pairs: AcceptedPair, similarity: float = 0.9, surplus: int = 0) -> dict[str, str]:
    return left_out(pairs, question_similarity=similarity, yes_no_surplus=surplus)


SAME: list[dict[str, Any]] = [
    {},
    {"answer": "There are two different sounds."},
    {"question": f"{KNOCK.removesuffix('?')}!"},
    {"start_ms": 10_000, "end_ms": 45_000},
    {"clip": "the next clip"},
    {"split": "test"},
]
OTHER: list[dict[str, Any]] = [
    {"question": "Which sounds are there, and what makes them?"},
    {"video": "b"},
    {"task": "avdn"},
    {"start_ms": 40_000, "end_ms": 80_000},
    {"start_ms": 30_000, "end_ms": 70_000},
    {"end_ms": 400_000},
    {"about": "metallic tinkling"},
    {"question": f"{KNOCK.removesuffix('?')} and between 2 s and 3 s?"},
]


@pytest.mark.parametrize("changed", SAME)
def test_near_duplicates_are_left_out(changed: dict[str, Any]) -> None:
    assert curated(open_pair("qa_1"), open_pair("qa_2", **changed)) == {"qa_2": NEAR_DUPLICATE}


@pytest.mark.parametrize("changed", OTHER)
def test_another_question_stays(changed: dict[str, Any]) -> None:
    assert curated(open_pair("qa_1"), open_pair("qa_2", **changed)) == {}


def test_the_same_words_with_other_numbers_are_another_question() -> None:
    first = open_pair("qa_1", question="Describe what the camera wearer sees and hears in the whole stretch from 10 s until 20 s.")
    second = open_pair("qa_2", question="Describe what the camera wearer sees and hears in the whole stretch from 10 s until 25 s.")
    assert curated(first, second, similarity=0.5) == {}


def test_options_count_in_any_order() -> None:
    assert curated(ordered("qa_1"), ordered("qa_2", options=OPTIONS[::-1])) == {"qa_2": NEAR_DUPLICATE}
    assert curated(ordered("qa_1"), ordered("qa_2", answer=OPTIONS[1])) == {}
    others = (OPTIONS[0], "the kettle is filled", "the window is shut", "the bread is cut")
    assert curated(ordered("qa_1"), ordered("qa_2", options=others)) == {}


def test_yes_and_no_to_one_question_do_not_repeat_each_other() -> None:
    assert curated(accepted("qa_1"), accepted("qa_2", answer="No", start_ms=1_000)) == {}


def test_the_similarity_is_a_setting() -> None:
    pairs = open_pair("qa_1"), open_pair("qa_2", question=KNOCK.replace("stirs", "drinks"))
    assert curated(*pairs) == {}
    assert curated(*pairs, similarity=0.7) == {"qa_2": NEAR_DUPLICATE}


def test_the_earliest_is_kept_and_what_repeats_only_a_pair_that_was_left_out_stays() -> None:
    chain = [open_pair(f"qa_{index}", start_ms=start, end_ms=start + 40_000) for index, start in enumerate((0, 10_000, 20_000))]
    assert curated(*chain) == {"qa_1": NEAR_DUPLICATE}


def test_what_is_too_many_of_one_answer_is_left_out() -> None:
    pairs = [accepted(f"qa_{index}", about=f"sound {word}", question=f"Is there a {word}?") for index, word in enumerate(("clink", "hum"))]
    no = accepted("qa_no", answer="No", about="bark", question="Is there a bark?")
    assert list(curated(*pairs, no).values()) == [YES_NO_UNBALANCED]
    assert curated(*pairs, no, surplus=1) == {}
    assert curated(pairs[0], no) == {}


def test_each_split_and_task_is_balanced_by_itself() -> None:
    pairs = [
        accepted("qa_1", split="test"),
        accepted("qa_2", answer="No", video="b"),
        accepted("qa_3", answer="No", video="c", split="test", task="avh_object"),
    ]
    assert curated(*pairs) == dict.fromkeys(("qa_1", "qa_2", "qa_3"), YES_NO_UNBALANCED)


def test_a_pair_that_lost_its_partner_goes_first() -> None:
    for index in range(20):  # whatever the hash draws
        whole = [accepted(f"qa_{index}_{answer}", answer=answer, clip="whole") for answer in ("Yes", "No")]
        alone = accepted(f"qa_{index}_alone", clip="half", video="b")
        assert curated(*whole, alone) == {f"qa_{index}_alone": YES_NO_UNBALANCED}


def test_duplicates_go_before_the_balance_is_struck() -> None:
    pairs = [accepted("qa_1"), accepted("qa_2"), accepted("qa_no", answer="No")]
    assert curated(*pairs) == {"qa_2": NEAR_DUPLICATE}


def test_what_one_version_leaves_out_the_next_may_hold() -> None:
    first = [accepted("qa_1"), accepted("qa_2", video="b"), accepted("qa_no", answer="No")]
    (gone,) = curated(*first)
    assert curated(*first, accepted("qa_no_2", answer="No", video="b")) == {}
    duplicates = [open_pair("qa_1"), open_pair("qa_2")]
    assert curated(*duplicates) == {"qa_2": NEAR_DUPLICATE}
    assert curated(duplicates[1]) == {}
    assert gone in ("qa_1", "qa_2")


sets = st.lists(
    st.builds(
        accepted,
        qa_id=st.uuids().map(lambda each: f"qa_{each.hex}"),
        video=st.sampled_from("abc"),
        split=st.sampled_from(("train", "test")),
        clip=st.sampled_from(("one", "two")),
        task=st.sampled_from(sorted(YES_NO_TASKS)),
        answer=st.sampled_from(("Yes", "No")),
        question=st.sampled_from((KNOCK, KNOCK.replace("tea", "soup"), "Is there a bark?")),
        start_ms=st.integers(0, 3).map(lambda each: each * 10_000),
        end_ms=st.integers(4, 6).map(lambda each: each * 10_000),
    ),
    max_size=40,
    unique_by=lambda each: each.pair.qa_id,
)


@given(sets, st.integers(0, 3), st.randoms())
def test_any_set_is_balanced_whatever_its_order_and_then_stays(pairs: list[AcceptedPair], surplus: int, chance: random.Random) -> None:
    gone = curated(*pairs, surplus=surplus)
    kept = [each for each in pairs if each.pair.qa_id not in gone]
    answers = Counter((each.split, each.pair.task, each.pair.answer) for each in kept)
    for split, task in {key[:2] for key in answers}:
        assert abs(answers[split, task, "Yes"] - answers[split, task, "No"]) <= surplus
    assert curated(*kept, surplus=surplus) == {}
    assert curated(*chance.sample(pairs, len(pairs)), surplus=surplus) == gone


@given(sets)
def test_no_more_is_left_out_than_balance_asks(pairs: list[AcceptedPair]) -> None:
    gone = curated(*pairs)
    counts = Counter((each.split, each.pair.task, each.pair.answer) for each in pairs if gone.get(each.pair.qa_id) != NEAR_DUPLICATE)
    surplus = sum(abs(counts[split, task, "Yes"] - counts[split, task, "No"]) for split, task in {key[:2] for key in counts})
    assert Counter(gone.values())[YES_NO_UNBALANCED] == surplus
