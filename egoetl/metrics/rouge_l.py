"""ROUGE-L: how much of two texts is one common subsequence of words.

Source: Lin, ROUGE: A Package for Automatic Evaluation of Summaries, 2004, section 3.1, with beta 1. Values are those of the
package rouge-score 0.1.2 (`rougeL`), to the last bit: words are runs of `a-z0-9` of the text in lower case, all else parts words.
"""

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple, cast

from egoetl.metrics.tokens import flattened

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BATCH = 4096
"""Pairs that are compiled code's at once: bounds the memory for any number of them."""
_NOT_WORDS = re.compile(r"[^a-z0-9]+")
_STEMMED_FROM = 4
"""Shorter words keep their endings, as in rouge-score."""
_BETA = 1.2
"""The weight of recall in pycocoevalcap's ROUGE-L."""


class RougeL(NamedTuple):
    """The common subsequence as a share of the prediction's words, of the reference's, and their harmonic mean; each 0 to 1."""

    precision: float
    recall: float
    f1: float


def rouge_l(prediction: str, reference: str, *, stemmed: bool = False) -> RougeL:
    """ROUGE-L of one pair; all 0 where either text has no word. `rouge_l_many` is the one for many."""
    precision, recall, f1 = rouge_l_many([prediction], [reference], stemmed=stemmed)[0].tolist()
    return RougeL(precision, recall, f1)


def rouge_l_many(predictions: Sequence[str], references: Sequence[str], *, stemmed: bool = False) -> "NDArray[np.float64]":
    """Precision, recall and F1 of each pair: (pairs, 3), each 0 to 1; all 0 where either text has no word.

    `stemmed` compares words of four letters or more by NLTK's Porter stem, as rouge-score does with `use_stemmer`.
    The first call on a machine compiles, for some seconds. Raises ValueError if there are not as many predictions as references.
    """
    import numpy as np

    from egoetl.algorithms.common_subsequence import common_subsequences

    texts = [text for pair in zip(predictions, references, strict=True) for text in pair]
    if stemmed:
        texts = _stemmed(texts)
    made = np.zeros((len(texts) // 2, 3))
    for start in range(0, len(made), _BATCH):
        batch = texts[2 * start : 2 * (start + _BATCH)]
        common, predicted, expected = common_subsequences(np.frombuffer(_joined(batch), np.uint8), len(batch) // 2).T
        precision, recall = common / np.maximum(predicted, 1), common / np.maximum(expected, 1)
        total = precision + recall
        f1 = 2 * precision * recall / np.where(total > 0, total, 1)
        made[start : start + len(batch) // 2] = np.stack([precision, recall, f1], axis=1)
    return made


def _joined(texts: Sequence[str]) -> bytes:
    """The texts in lower case with a zero byte after each; what is not ASCII parts words, as `?` does."""
    joined = "\0".join(texts)
    if joined.count("\0") >= len(texts):
        joined = "\0".join(text.replace("\0", " ") for text in texts)
    return (joined + "\0").lower().encode("ascii", "replace")


def _stemmed(texts: Sequence[str]) -> list[str]:
    from nltk.stem.porter import PorterStemmer

    stem = cast("Callable[[str], str]", PorterStemmer().stem)
    stems: dict[str, str] = {}
    made: list[str] = []
    for text in texts:
        words = _NOT_WORDS.split(text.lower())
        for word in words:
            if word not in stems:
                stems[word] = stem(word) if len(word) >= _STEMMED_FROM else word
        made.append(" ".join(stems[word] for word in words))
    return made


def legacy_rouge_l(prediction: str, reference: str) -> float | None:
    """What EgoAVU's captioning_eval.py counts for one pair, 0 to 1; None for a pair that it leaves out because a text is empty.

    It is pycocoevalcap's ROUGE-L, with beta 1.2, of texts that no tokenizer has seen: case counts, `dog.` is not `dog`, and
    between two spaces there is an empty word.
    """
    predicted, expected = flattened(prediction), flattened(reference)
    if not predicted or not expected:
        return None
    words, others = predicted.split(" "), expected.split(" ")
    common = _common(words, others)
    precision, recall = common / float(len(words)), common / float(len(others))
    if precision == 0:
        return 0.0
    return ((1 + _BETA**2) * precision * recall) / float(recall + _BETA**2 * precision)


def _common(words: Sequence[str], others: Sequence[str]) -> int:
    """Length of the longest common subsequence; integers of Python are the bit vectors, of any length."""
    matches: dict[str, int] = {}
    for place, word in enumerate(words):
        matches[word] = matches.get(word, 0) | 1 << place
    full = (1 << len(words)) - 1
    state = full
    for word in others:
        match = matches.get(word, 0)
        state = (state + (state & match) | state & ~match) & full
    return len(words) - state.bit_count()
