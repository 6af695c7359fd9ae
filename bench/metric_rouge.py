"""ROUGE-L against rouge-score, for `bench/metrics.py`: captions of 60 words, tokenisation included, in CPU seconds.

Compiling, paid once a machine, is not in it. In the same run both are compared on every pair that the anchor scores, those of
`AWKWARD` among them: precision, recall and F1 have to be the same floats.
"""

import random
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import cast

from ratio_table import Row
from rouge_score.rouge_scorer import RougeScorer

from egoetl.metrics.rouge_l import rouge_l_many

PAIRS = 30_000
ANCHORED = 600
"""So many of the pairs rouge-score is timed on; it is slower by more than the difference."""
REPEATS = 3
"""How often both are timed: the median counts."""
WORDS = 60
TARGET = 1 / 30
AWKWARD = (
    ("", ""),
    ("...", "a"),
    ("Same same SAME", "same"),
    ("naïve café, İstanbul K2", "naive cafe istanbul k2"),
    ("a\0b\nc", "a b c"),
    ("x " * 700, "y x " * 400),
)
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def rows() -> list[Row]:
    """ROUGE-L of many pairs against rouge-score's, and the pairs for which both are the same."""
    drawn = random.Random(6)  # noqa: S311 - draws captions, keeps no secret
    vocabulary = ["".join(drawn.choices(_LETTERS, k=drawn.randint(2, 9))) for _ in range(900)]
    pairs = [(_caption(drawn, vocabulary), _caption(drawn, vocabulary)) for _ in range(PAIRS)]
    scorer = RougeScorer(["rougeL"])
    predictions, references = zip(*pairs, strict=True)
    rouge_l_many(predictions[:1], references[:1])
    ours = median(_cpu_seconds(lambda: rouge_l_many(predictions, references)) for _ in range(REPEATS))
    anchor = median(_cpu_seconds(lambda: _theirs(scorer, pairs[:ANCHORED])) for _ in range(REPEATS))
    compared = [*pairs[:ANCHORED], *AWKWARD]
    same = sum(one == other for one, other in zip(_ours(compared), _theirs(scorer, compared), strict=True))
    per_pair = ours / PAIRS * 1000, anchor / ANCHORED * 1000
    return [
        Row(f"ROUGE-L, {WORDS} words a text", *per_pair, "CPU s a thousand pairs", "rouge-score", TARGET),
        Row("ROUGE-L, equal to the last bit", same, len(compared), "pairs", "rouge-score", 1, "at least"),
    ]


def _caption(drawn: random.Random, vocabulary: Sequence[str]) -> str:
    return " ".join(drawn.choices(vocabulary[:85], k=WORDS - 20) + drawn.choices(vocabulary, k=20)).capitalize() + "."


def _ours(pairs: Sequence[tuple[str, str]]) -> list[tuple[float, ...]]:
    predictions, references = zip(*pairs, strict=True)
    return [tuple(row) for row in rouge_l_many(predictions, references).tolist()]


def _theirs(scorer: RougeScorer, pairs: Sequence[tuple[str, str]]) -> list[tuple[float, ...]]:
    score = cast("Callable[[str, str], dict[str, tuple[float, ...]]]", scorer.score)
    return [tuple(score(reference, prediction)["rougeL"]) for prediction, reference in pairs]


def _cpu_seconds(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before
