"""The card of a version: what it says, and that libraries find the splits through it."""

from egoetl.core.records import QAPair
from egoetl.core.release import AcceptedPair, DropCount, Provenance, Release
from egoetl.runner.dataset_card import dataset_card, pair_counts

SHA = "ab" * 32
MADE_BY = Provenance(
    stage="caption", version=1, models={"omni": "measured@1", "vision": "qwen@7"}, params={}, prompts={"p": SHA}, results=5
)


def accepted(split: str, task: str, number: int) -> AcceptedPair:
    pair = QAPair(qa_id=f"qa_{number}", task=task, question="What?", answer="That.", start_ms=0, end_ms=1000)
    return AcceptedPair(pair=pair, video_id="kitchen", video_sha256=SHA, clip_id="clip", split=split)


PAIRS = (accepted("train", "avsn", 1), accepted("train", "avsn", 2), accepted("test", "tr_before_after", 3))


def card_of(**more) -> str:
    return dataset_card(Release(**{"dataset": "ours", "recipe": "egoavu", "pairs": PAIRS, "provenance": (MADE_BY,), **more}))


def test_pairs_are_counted_by_split_and_task() -> None:
    assert pair_counts(PAIRS) == {"test": {"tr_before_after": 1}, "train": {"avsn": 2}}
    assert pair_counts([]) == {}


def test_it_says_what_is_in_it_and_how_it_was_made() -> None:
    card = card_of()
    assert "3 question-answer pairs about 1 first-person videos" in card
    assert "| avsn | 0 | 2 |" in card
    assert "| caption | 1 | measured@1, qwen@7 | p `abababababab` | 5 |" in card
    assert "Answered by: measured@1, qwen@7." in card
    assert "`egoavu_instruct.csv`" in card
    assert "`test` for 10 of 100 ids" in card


def test_its_front_matter_names_the_file_of_each_split() -> None:
    head = card_of().split("---\n")[1]
    assert "  - split: test\n    path: data/test.parquet\n  - split: train\n    path: data/train.parquet\n" in head


def test_a_split_whose_name_the_library_does_not_take_keeps_its_file() -> None:
    head = card_of(pairs=(accepted("val-1", "avsn", 1),)).split("---\n")[1]
    assert "  - split: val_1\n    path: data/val-1.parquet\n" in head


def test_what_was_left_out_is_counted_by_reason() -> None:
    drops = (DropCount(stage="verify", reason="options_repeat", units=7),)
    card = card_of(drops=drops, left_out=(("near_duplicate", 2),))
    assert "## Left out" in card
    assert "| verify | options_repeat | 7 |" in card
    assert "| publish | near_duplicate | 2 |" in card
    assert "## Left out" not in card_of()


def test_source_licences_are_as_stated_on_one_line() -> None:
    assert "Source videos: not stated." in card_of()
    assert "Source videos: Ego4D licence, signed." in card_of(source_licences="Ego4D licence,\nsigned.")


def test_a_version_without_pairs_has_no_front_matter_and_no_tables_of_pairs() -> None:
    card = card_of(pairs=(), provenance=())
    assert card.startswith("# ours\n")
    assert "0 question-answer pairs" in card
    assert "| task |" not in card
    assert "## Files" not in card
