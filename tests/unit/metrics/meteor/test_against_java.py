import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from meteor_java import CaptionPairs, JavaMeteor, Pair, java_meteor, numbers

from egoetl.metrics.meteor.meteor_1_5 import meteor_1_5_corpus, meteor_1_5_counts

pytestmark = [pytest.mark.slow, pytest.mark.needs("java")]
FROZEN = json.loads((Path(__file__).parents[3] / "fixtures" / "meteor_pairs.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def java() -> Iterator[JavaMeteor]:
    with java_meteor() as running:
        yield running


@pytest.fixture(scope="module")
def pairs() -> list[Pair]:
    return CaptionPairs(seed=6).pairs(2000)


def test_every_number_and_score_of_random_and_adversarial_pairs_is_equal(java: JavaMeteor, pairs: list[Pair]) -> None:
    wanted = java.numbers(pairs)
    counts = [meteor_1_5_counts(candidate, reference) for candidate, reference in pairs]
    assert [pair for pair, made, number in zip(pairs, counts, wanted, strict=True) if numbers(made) != number] == []
    scores, corpus = java.scores(wanted)
    assert [made.score for made in counts] == pytest.approx(scores, abs=1e-12)
    assert meteor_1_5_corpus(pairs) == pytest.approx(corpus, abs=1e-12)
    for kind in range(4):
        assert sum(sum(one[4 + 4 * kind : 8 + 4 * kind]) for one in wanted) > 500, "the pairs exercise every kind of match"


def test_the_frozen_pairs_are_what_the_program_says(java: JavaMeteor) -> None:
    wanted = java.numbers([(pair["candidate"], pair["reference"]) for pair in FROZEN["pairs"]])
    assert wanted == [pair["numbers"] for pair in FROZEN["pairs"]]
    assert java.scores(wanted) == ([pair["score"] for pair in FROZEN["pairs"]], FROZEN["corpus"])
