"""METEOR, ROUGE-L and CIDEr of EgoAVU-Bench's narrations."""

from collections.abc import Mapping, Sequence

from egoetl.benchmarks.measuring import by_id, means
from egoetl.core.errors import ConfigError
from egoetl.core.evaluation import Answered, Measure
from egoetl.metrics.cider import cider_of_tokens, legacy_cider_per_sample
from egoetl.metrics.rouge_l import legacy_rouge_l, rouge_l_many
from egoetl.metrics.tokens import flattened, tokens

Values = dict[str, float | None]
_AS_IT_STANDS = "the reference scorer gives the metric texts that no tokenizer has seen, and leaves out pairs of which one is empty."
_ONE_BY_ONE = "the reference scorer takes each pair for a corpus of its own, in which no word is rarer than another: its value is always 0."


def narration_measures(answered: Sequence[Answered]) -> tuple[Measure, ...]:
    """The metrics of narrations, each over all of them; a text that is not there has no value."""
    return _meteor(answered), _rouge_l(answered), _cider(answered)


def meteor_scores(told: Sequence[str], references: Sequence[str]) -> list[float]:
    """METEOR 1.5 of each pair, 0 to 1. Raises ConfigError where its tables are not installed."""
    # It is compiled, and its tables take a moment to open: only where there is something to compare.
    from egoetl.metrics.meteor.scorer import scorer

    return [scorer().counts(flattened(one), flattened(other)).score for one, other in zip(told, references, strict=True)]


def _meteor(answered: Sequence[Answered]) -> Measure:
    """METEOR 1.5; where its tables are not installed nothing has a value, and the note says what to install."""
    told = [each for each in answered if text_of(each)]
    note, scores = "", list[float | None]([None] * len(told))
    try:
        scores = [*meteor_scores([text_of(each) for each in told], [reference_of(each) for each in told])] if told else []
    except ConfigError as error:
        note = str(error)
    taken = {each.question.question_id: score for each, score in zip(told, scores, strict=True)}
    return Measure(name="meteor_1_5", values=_all(answered, taken), legacy=means(told, by_id(taken)), scale=100.0, note=note)


def _rouge_l(answered: Sequence[Answered]) -> Measure:
    told = [each for each in answered if text_of(each)]
    # Compiled code is loaded only where there is something to compare.
    scores = rouge_l_many([text_of(each) for each in told], [reference_of(each) for each in told])[:, 2] if told else ()
    taken = {each.question.question_id: float(f1) for each, f1 in zip(told, scores, strict=True)}
    return Measure(
        name="rouge_l",
        values=_all(answered, taken),
        legacy=means(told, lambda each: legacy_rouge_l(text_of(each), reference_of(each))),
        scale=100.0,
        why_legacy=_AS_IT_STANDS,
    )


def _cider(answered: Sequence[Answered]) -> Measure:
    """CIDEr-D, the narrations of a task being its corpus. How rare words are depends on the references of all of them, told or not."""
    taken: Values = {}
    reasons: dict[str, str] = {}
    for task in sorted({each.question.task for each in answered}):
        corpus = [each for each in answered if each.question.task == task]
        values, reason = cider_of_tokens([tokens(text_of(each)) for each in corpus], [[tokens(reference_of(each))] for each in corpus])
        taken |= {each.question.question_id: value for each, value in zip(corpus, values, strict=True) if text_of(each)}
        if reason:
            reasons[task] = reason
    told = [each for each in answered if text_of(each)]
    legacy = legacy_cider_per_sample([text_of(each) for each in told], [reference_of(each) for each in told])
    ids = [each.question.question_id for each in told]
    return Measure(
        name="cider",
        values=_all(answered, taken),
        legacy=means(told, by_id(dict(zip(ids, legacy, strict=True)))),
        why_legacy=_ONE_BY_ONE,
        note="; ".join(f"CIDEr of {task} cannot be taken: {reason}" for task, reason in reasons.items()),
    )


def text_of(answered: Answered) -> str:
    """What was told; empty where nothing was."""
    return (answered.parsed.answer if answered.parsed else None) or ""


def reference_of(answered: Answered) -> str:
    """What is to be told."""
    return answered.question.reference.answer


def _all(answered: Sequence[Answered], taken: Mapping[str, float | None]) -> Values:
    return {each.question.question_id: taken.get(each.question.question_id) for each in answered}
