"""Questions made of the predictions themselves, where the benchmark's data is not at hand."""

import hashlib
import json

from egoetl.benchmarks.benchmark import Benchmark
from egoetl.benchmarks.options import choice_of, split_options
from egoetl.benchmarks.predictions.fields import reference_of
from egoetl.benchmarks.predictions.prediction import Prediction
from egoetl.benchmarks.rows import spelled
from egoetl.core.errors import DataError
from egoetl.core.evaluation import Question, Reference

UNASKED = "(the file does not say what was asked)"
_UNKNOWN_WINDOW = (0, 1)
"""Milliseconds: a question has a window, and the file has none."""


def question_of(benchmark: Benchmark, prediction: Prediction) -> Question:
    """The question of a row that says itself what is right. Raises DataError `gold_missing`, `task_missing` or `category_unknown`.

    Without an id of its own it is known by what it asks, so that the same question has one id in several files. A row without a video
    counts as a video of its own.
    """
    if prediction.reference is None:
        raise _refusal(prediction, "gold_missing", "it does not say what is right; name the benchmark's data with --data")
    task = _task(benchmark, prediction)
    name = "/".join(prediction.ids) or f"{spelled(task)}_{_digest(prediction, task)}"
    start_ms, end_ms = prediction.window or _UNKNOWN_WINDOW
    asked, options, reference = _asked(prediction, prediction.reference)
    question = Question(
        question_id=name[-200:],
        benchmark=benchmark.name,
        video_id=prediction.video_id or name[-200:],
        task=task,
        start_ms=start_ms,
        end_ms=end_ms,
        question=asked,
        options=options,
        reference=reference,
    )
    return question.model_copy(update={"reference": _read(benchmark, question, reference)})


def _asked(prediction: Prediction, gold: Reference) -> tuple[str, tuple[str, ...], Reference]:
    """The question, its options, which may stand within it, and which of them is right."""
    asked = prediction.question or (prediction.prompt or UNASKED)
    stem = split_options(asked)
    if prediction.options or choice_of(gold.answer, stem.options) is None:
        return asked, prediction.options, gold
    return stem.question, stem.options, reference_of(gold.answer, stem.options).model_copy(update={"spans": gold.spans})


def _read(benchmark: Benchmark, question: Question, gold: Reference) -> Reference:
    """What is right, read as a model's answer would be: `Yes, it does.` is `yes` to a question that wants yes or no."""
    if gold.choice is not None or not gold.answer:
        return gold
    parsed = benchmark.parse(question, (gold.answer,))
    return gold.model_copy(update={"answer": parsed.answer or gold.answer, "choice": parsed.choice})


def _task(benchmark: Benchmark, prediction: Prediction) -> str:
    if not prediction.tasks:
        raise _refusal(prediction, "task_missing", "it does not say of which type or category it is; name the benchmark's data with --data")
    if not benchmark.tasks:
        return prediction.tasks[0]
    known = [benchmark.tasks[spelled(each)] for each in prediction.tasks if spelled(each) in benchmark.tasks]
    if not known:
        what = f"{prediction.tasks[0][:60]!r} is no task of {benchmark.name}; there are: {', '.join(sorted(set(benchmark.tasks.values())))}"
        raise _refusal(prediction, "category_unknown", what)
    return known[0]


def _digest(prediction: Prediction, task: str) -> str:
    gold = prediction.reference.answer if prediction.reference else ""
    asked = [prediction.video_id, prediction.window, task, prediction.question or prediction.prompt, gold]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:16]


def _refusal(prediction: Prediction, reason: str, what: str) -> DataError:
    return DataError(f"{prediction.where}: {what}.", reason=reason)
