"""Answer and evidence together: an answer counts only where what it rests on is right too.

That an answer be right *for the right reason* is what evidence is asked for (EVQA, arXiv 2607.11862), whose scorer reports answers and
evidence apart: a model that is right by luck on one half and looks at the right place on the other has both. Two families:

- `joint@x`: the share of entries whose answer is right and whose evidence scores at least x, each part of it;
- `joint`: the mean over entries of answer (0 or 1) times the score of each part of the evidence.

The parts are t-mean, and J&F where masks are asked for; every one is 0 to 1.
"""

from math import prod

THRESHOLDS = (0.3, 0.5)
"""Of `joint@x`."""


def joint_at(threshold: float, right: bool | None, *evidence: float | None) -> float | None:
    """1 if the answer is right and each part of the evidence scores at least the threshold, else 0.

    None where the answer or a part of the evidence is unknown: it has not been shown to be wrong.
    """
    known = _known(right, evidence)
    return None if known is None else float(all(known[:1]) and all(score >= threshold for score in known[1:]))


def joint_product(right: bool | None, *evidence: float | None) -> float | None:
    """The answer (0 or 1) times the score of each part of the evidence; None where one of them is unknown."""
    known = _known(right, evidence)
    return None if known is None else prod(known)


def _known(right: bool | None, evidence: tuple[float | None, ...]) -> tuple[float, ...] | None:
    """The answer and the parts of the evidence as numbers. Raises ValueError for an entry without evidence."""
    if not evidence:
        raise ValueError("a joint score needs at least one part of evidence")
    scores = [score for score in evidence if score is not None]
    return None if right is None or len(scores) < len(evidence) else (float(right), *scores)
