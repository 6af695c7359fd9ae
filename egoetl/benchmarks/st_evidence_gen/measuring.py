"""Metrics of ST-Evidence's generation part: the answer, its seconds, its masks, and all of them together.

A part of a reply that could not be read has no value. The reference scorer counts it 0, and so do its means, which a report has beside
ours.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from egoetl.benchmarks.benchmark import Scoring
from egoetl.benchmarks.measuring import by_id, means, values_of
from egoetl.benchmarks.st_evidence_gen.mask_measuring import EntryMasks, entry_masks, mask_measures
from egoetl.benchmarks.st_evidence_gen.parsing import response_of
from egoetl.core.evaluation import Answered, Measure
from egoetl.metrics.joint import THRESHOLDS as JOINT_THRESHOLDS
from egoetl.metrics.joint import joint_at, joint_product
from egoetl.metrics.legacy_letters import legacy_first_letter, legacy_generation_correct, legacy_single_turn_letter
from egoetl.metrics.temporal import THRESHOLDS, TemporalScores, legacy_temporal_scores, reaches, temporal_scores

SCALE = 100.0
WHY_ACCURACY = (
    "the reference scorer counts an answer that it cannot read as wrong, takes the first letter from a to e of a reply in words, even"
    " within a word, and compares texts letter by letter."
)
WHY_SPANS = (
    "the reference scorer adds up the overlaps of all pairs of spans, so that one that is named twice counts twice, and counts missing"
    " evidence as 0."
)
Part = Callable[[TemporalScores], float]


def measures(answered: Sequence[Answered], scoring: Scoring) -> tuple[Measure, ...]:
    """The metrics over all questions. Those of masks have no values where no masks were given, and say so."""
    masks = entry_masks(answered, scoring)
    return (
        Measure(
            name="accuracy", values=values_of(answered, accuracy), legacy=means(answered, _legacy_accuracy), scale=SCALE,
            why_legacy=WHY_ACCURACY,
        ),
        *(_temporal_measure(answered, name, part) for name, part in _temporal_parts()),
        *mask_measures(answered, masks, scoring),
        *_joint_measures(answered, masks),
    )  # fmt: skip


def accuracy(each: Answered) -> float | None:
    """1 for the right option, 0 for another, None where none could be read. Options of one text are one.

    Where the options are not known, as in some files of results, the answer's words must be the right ones.
    """
    if each.parsed is None or each.parsed.answer is None:
        return None
    said = each.parsed.answer if each.parsed.choice is None else each.question.options[each.parsed.choice]
    return float(said == each.question.reference.answer)


def temporal(each: Answered) -> TemporalScores | None:
    """IoU and IoP of the predicted spans; None where there are none to read. No span at all, said as such, is a prediction."""
    if each.parsed is None or each.parsed.spans is None:
        return None
    return temporal_scores(each.parsed.spans, each.question.reference.spans)


def _temporal_parts() -> Iterator[tuple[str, Part]]:
    """What of IoU and IoP the benchmark reports, by name."""
    yield "miou", lambda scores: scores.iou
    yield "miop", lambda scores: scores.iop
    yield "t_mean", lambda scores: scores.mean
    for at in THRESHOLDS:
        yield f"tiou_at_{_named(at)}", lambda scores, at=at: reaches(scores.iou, at)
    for at in THRESHOLDS:
        yield f"tiop_at_{_named(at)}", lambda scores, at=at: reaches(scores.iop, at)


def _temporal_measure(answered: Sequence[Answered], name: str, part: Part) -> Measure:
    def value(each: Answered) -> float | None:
        scores = temporal(each)
        return None if scores is None else part(scores)

    legacy = means(answered, lambda each: part(_legacy_temporal(each)))
    return Measure(name=name, values=values_of(answered, value), legacy=legacy, scale=SCALE, why_legacy=WHY_SPANS)


def _joint_measures(answered: Sequence[Answered], masks: Mapping[str, EntryMasks]) -> Iterator[Measure]:
    """Answer and evidence together, which the reference scorer does not know; with masks where any were predicted."""
    yield from _joint(answered, "joint", lambda each: (_t_mean(each),))
    with_masks = [each for each in answered if each.question.question_id in masks]
    if any(each.ours is not None for each in masks.values()):
        j_and_f = by_id({name: each.ours.j_and_f if each.ours else None for name, each in masks.items()})
        yield from _joint(with_masks, "joint_with_masks", lambda each: (_t_mean(each), j_and_f(each)))


def _joint(answered: Sequence[Answered], name: str, evidence: Callable[[Answered], tuple[float | None, ...]]) -> Iterator[Measure]:
    product = values_of(answered, lambda each: joint_product(_right(each), *evidence(each)))
    yield Measure(name=name, values=product, scale=SCALE)
    for at in JOINT_THRESHOLDS:
        reached = values_of(answered, lambda each, at=at: joint_at(at, _right(each), *evidence(each)))
        yield Measure(name=f"{name}_at_{_named(at)}", values=reached, scale=SCALE)


def _right(each: Answered) -> bool | None:
    value = accuracy(each)
    return None if value is None else value == 1.0


def _t_mean(each: Answered) -> float | None:
    scores = temporal(each)
    return None if scores is None else scores.mean


def _legacy_accuracy(each: Answered) -> float:
    return float(legacy_generation_correct(legacy_answer(each), each.question.options, each.question.reference.answer))


def legacy_answer(each: Answered) -> str | None:
    """The answer that EVQA's programs put into their file of results: of a JSON object as it is, of words a letter."""
    if not each.said:
        return each.parsed.answer if each.parsed else None
    first = next(iter(each.said))
    if len(each.said) > 1:
        return legacy_first_letter(first)
    response = response_of(first)
    if response is None:
        return legacy_single_turn_letter(first)
    answer = response.get("answer")
    return None if answer is None else str(answer)


def _legacy_temporal(each: Answered) -> TemporalScores:
    said = each.parsed.spans if each.parsed else None
    return legacy_temporal_scores(said or (), each.question.reference.spans)


def _named(threshold: float) -> str:
    """`0_3`: names hold no dots."""
    return f"{threshold:g}".replace(".", "_")
