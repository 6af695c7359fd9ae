"""CIDEr-D: how alike a text and its references are in runs of one to four words, each weighted by how rare it is in the corpus.

Source: Vedantam, Zitnick and Parikh, CIDEr: Consensus-based Image Description Evaluation, CVPR 2015, section 5: CIDEr-D, with
clipped counts and a Gaussian penalty on the difference of lengths, sigma 6. It is what pycocoevalcap 1.2 computes under the name
CIDEr, to 1e-9, lengths counted in runs of two words and rarity taken from the references. Values are 0 to 10.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from egoetl.metrics.tokens import flattened, tokens

Tokens = Sequence[str]
_Run = tuple[str, ...]

_LONGEST = 4
_SIGMA = 6.0
_LENGTH_IN = 2
"""A text is as long as it has runs of so many words: one less than its words."""


class Cider(NamedTuple):
    """CIDEr-D of each text of a corpus, in order; all None, with the reason as a code, where a corpus cannot have one.

    Reasons: `empty_corpus`, `one_document` (no word is rarer than another, the formula is 0 whatever the texts are) and
    `documents_alike` (the same, as all references have the same words).
    """

    values: tuple[float | None, ...]
    reason: str = ""


class _Vector(NamedTuple):
    """Weights of the runs of a text, by their length from one word on, with the norm of each, and the text's length."""

    weights: tuple[dict[_Run, float], ...]
    norms: tuple[float, ...]
    length: int


def cider(predictions: Sequence[str], references: Sequence[str]) -> Cider:
    """CIDEr-D of a corpus of texts with one reference each, by the words of `egoetl.metrics.tokens`.

    It depends on the whole corpus: score all questions of a task together. Raises ValueError where there are not as many
    predictions as references.
    """
    return cider_of_tokens([tokens(text) for text in predictions], [[tokens(text)] for text in references])


def cider_of_tokens(predictions: Sequence[Tokens], references: Sequence[Sequence[Tokens]]) -> Cider:
    """CIDEr-D of a corpus of words, with one or several references for each text.

    Raises ValueError where there are not as many predictions as sets of references, or a set is empty.
    """
    if any(not each for each in references):
        raise ValueError("CIDEr needs at least one reference for each text.")
    counts = [[_runs(text) for text in each] for each in references]
    reason = _why_undefined(counts)
    values = _values([_runs(text) for text in predictions], counts)
    return Cider(tuple(None for _ in values), reason) if reason else Cider(values)


def legacy_cider_per_sample(predictions: Sequence[str], references: Sequence[str]) -> tuple[float | None, ...]:
    """What EgoAVU's captioning_eval.py counts for each pair; None for a pair that it leaves out because a text is empty.

    It scores every pair as a corpus of its own, whose rarities are all log 1 = 0: the value is 0 even for equal texts.
    """
    pairs = [(flattened(one), flattened(other)) for one, other in zip(predictions, references, strict=True)]
    return tuple(_values([_runs(one.split())], [[_runs(other.split())]])[0] if one and other else None for one, other in pairs)


def _why_undefined(references: Sequence[Sequence[Counter[_Run]]]) -> str:
    if not references:
        return "empty_corpus"
    if len(references) == 1:
        return "one_document"
    documents = _documents(references)
    return "documents_alike" if all(found == len(references) for found in documents.values()) else ""


def _values(predictions: Sequence[Counter[_Run]], references: Sequence[Sequence[Counter[_Run]]]) -> tuple[float, ...]:
    documents = _documents(references)
    everywhere = math.log(max(1, len(references)))
    rarities = {run: everywhere - math.log(found) for run, found in documents.items()}
    made: list[float] = []
    for prediction, each in zip(predictions, references, strict=True):
        vector = _vector(prediction, rarities, everywhere)
        alike = sum(_alike(vector, _vector(reference, rarities, everywhere)) for reference in each)
        made.append(10.0 * alike / len(each))
    return tuple(made)


def _documents(references: Sequence[Sequence[Counter[_Run]]]) -> Counter[_Run]:
    """In the references of how many texts each run occurs."""
    return Counter(run for each in references for run in set[_Run]().union(*each))


def _runs(words: Tokens) -> Counter[_Run]:
    """How often each run of one to four words occurs."""
    return Counter(_all_runs(tuple(words)))


def _all_runs(words: tuple[str, ...]) -> Iterable[_Run]:
    for length in range(1, _LONGEST + 1):
        for start in range(len(words) - length + 1):
            yield words[start : start + length]


def _vector(runs: Counter[_Run], rarities: dict[_Run, float], unseen: float) -> _Vector:
    weights: tuple[dict[_Run, float], ...] = tuple({} for _ in range(_LONGEST))
    length = 0
    for run, count in runs.items():
        weights[len(run) - 1][run] = count * rarities.get(run, unseen)
        length += count if len(run) == _LENGTH_IN else 0
    norms = tuple(math.sqrt(sum(weight * weight for weight in each.values())) for each in weights)
    return _Vector(weights, norms, length)


def _alike(prediction: _Vector, reference: _Vector) -> float:
    """The mean over the lengths of runs of a cosine whose first vector is clipped by the second, less for unlike lengths."""
    total = 0.0
    for mine, its, norm, its_norm in zip(prediction.weights, reference.weights, prediction.norms, reference.norms, strict=True):
        if norm and its_norm:
            shared = sum(min(weight, its[run]) * its[run] for run, weight in mine.items() if run in its)
            total += shared / (norm * its_norm)
    difference = prediction.length - reference.length
    return total / _LONGEST * math.exp(-(difference**2) / (2 * _SIGMA**2))
