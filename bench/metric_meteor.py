"""METEOR 1.5 against the Java program behind pycocoevalcap, one caption at a time: pairs per CPU second.

The anchor is `Meteor().compute_score` for one sample a call, as EgoAVU scores; its CPU seconds are those of this process and of the
Java child. Start-up is left out on both sides: Java's 5 million paraphrases are read, and our tables and compiled code loaded,
before the clock starts, and both have scored the same pairs once, so that Java's own compiler has seen them. The same pairs, in the
same run; every score is compared.
"""

import argparse
import math
import random
import time
from collections.abc import Callable, Sequence

import psutil
from ratio_table import Row, report

PAIRS = 300
WORDS = 60
TARGET = 10.0
_VOCABULARY = """
the person a man woman picks up puts down cup knife table kitchen walks opens door drawer fridge turns on tap washes hands plate
with cloth left right hand cuts onion board pan stove stirs pours water into bowl looks around room sound of music playing while
talking cooking sizzling chopping holding holds walking toward sink counter red blue green white small large wooden glass bottle
phone screen camera he she then after before and to in , . is another
"""


def captions(count: int, words: int, seed: int = 0) -> list[tuple[str, str]]:
    """Pairs of captions of so many words from a kitchen's vocabulary; the second keeps three in five of the first's, in order."""
    chance = random.Random(seed)  # noqa: S311 - draws captions, keeps no secret
    words_known = _VOCABULARY.split()
    made: list[tuple[str, str]] = []
    for _ in range(count):
        one = [chance.choice(words_known) for _ in range(words)]
        other = [word if chance.random() < 0.6 else chance.choice(words_known) for word in one]
        made.append((" ".join(one), " ".join(other)))
    return made


def rows() -> list[Row]:
    """One row: ours and the anchor in pairs per CPU second."""
    from pycocoevalcap.meteor.meteor import Meteor

    from egoetl.metrics.meteor.meteor_1_5 import meteor_1_5

    pairs = captions(PAIRS, WORDS)
    java = Meteor()
    child = psutil.Process(java.meteor_p.pid)

    def by_java(candidate: str, reference: str) -> float:
        return float(java.compute_score({0: [reference]}, {0: [candidate]})[0])

    ours, our_scores = _measured(meteor_1_5, pairs, _own_seconds)
    anchor, java_scores = _measured(by_java, pairs, lambda: _own_seconds() + sum(child.cpu_times()[:2]))
    for made, wanted in zip(our_scores, java_scores, strict=True):
        if not math.isclose(made, wanted, abs_tol=1e-9):
            raise ValueError(f"METEOR 1.5 gives {made}, its Java program {wanted}: no ratio of what is not equal")
    name = f"METEOR 1.5, {WORDS}-word captions"
    return [Row(name, ours, anchor, "pairs a CPU second", "pycocoevalcap's Java", TARGET, "at least")]


def _measured(
    score: Callable[[str, str], float], pairs: Sequence[tuple[str, str]], seconds: Callable[[], float]
) -> tuple[float, list[float]]:
    for candidate, reference in pairs:
        score(candidate, reference)
    begun = seconds()
    scores = [score(candidate, reference) for candidate, reference in pairs]
    return len(pairs) / (seconds() - begun), scores


def _own_seconds() -> float:
    return time.process_time()


def measure(_: argparse.Namespace) -> list[Row]:
    """METEOR 1.5 against its Java program, one caption at a time."""
    return rows()


if __name__ == "__main__":
    report("metric_meteor", measure)
