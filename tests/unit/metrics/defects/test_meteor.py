"""Defects of METEOR as EgoAVU calls it: pycocoevalcap's wrapper, one sample a call, a line of text to Java each."""

import pytest

from egoetl.metrics.meteor.meteor_1_5 import legacy_meteor_1_5, meteor_1_5

# A new machine builds METEOR's tables first.
pytestmark = pytest.mark.slow


def test_bars_in_a_reference_part_it_into_several() -> None:
    candidate, reference = "red cup", "a knife lies on the board ||| red cup"
    assert meteor_1_5(candidate, reference) < 1.0
    assert legacy_meteor_1_5(candidate, reference) == 1.0


def test_bars_in_a_candidate_vanish() -> None:
    assert meteor_1_5("red ||| cup", "red cup") < 1.0
    assert legacy_meteor_1_5("red ||| cup", "red cup") == 1.0


@pytest.mark.parametrize("caption", ["The cup, isn't it?", "(music playing) -- loud!", "He's in the U.S. with “two” cups..."])
def test_captions_need_no_tokenizer_of_penn_treebank(caption: str) -> None:
    """METEOR cuts words itself: EgoAVU's unprepared captions score as ours do."""
    assert legacy_meteor_1_5(caption, caption.lower()) == meteor_1_5(caption, caption.lower()) == 1.0


@pytest.mark.needs("java")
def test_legacy_is_what_pycocoevalcap_gives() -> None:
    from pycocoevalcap.meteor.meteor import Meteor

    pairs = [
        ("red cup", "a knife lies on the board ||| red cup"),
        ("red ||| cup", "red cup"),
        ("Red|||cup  (on a table).", "A cup, on the table."),
        ("He isn't “walking”  to the U.S.", "he is not walking to the us"),
    ]
    java = Meteor()
    try:
        wanted = [java.compute_score({0: [reference]}, {0: [candidate]})[0] for candidate, reference in pairs]
    finally:
        java.meteor_p.stdout.close()
        java.meteor_p.stderr.close()
        del java
    assert [legacy_meteor_1_5(candidate, reference) for candidate, reference in pairs] == pytest.approx(wanted, abs=1e-12)
