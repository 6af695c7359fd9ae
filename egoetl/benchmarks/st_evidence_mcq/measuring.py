"""Accuracy of ST-Evidence's multiple choice: of each task, of all questions, and as the mean of the tasks."""

from collections.abc import Sequence

from egoetl.benchmarks.benchmark import Scoring
from egoetl.benchmarks.measuring import means, values_of
from egoetl.benchmarks.st_evidence_mcq.parsing import options_of
from egoetl.core.evaluation import Answered, Measure
from egoetl.metrics.legacy_letters import legacy_first_word

SCALE = 100.0
WHY = (
    "the reference scorer counts an answer that it cannot read as wrong, and its runners take the first letter from a to e that stands"
    " alone, the article `a` too."
)
OF_TASKS = "the mean of the tasks' accuracies: each task counts the same, however many of its questions could be scored."


def measures(answered: Sequence[Answered], _: Scoring) -> tuple[Measure, ...]:
    """Accuracy, the whole being that of all questions together, and the mean of the tasks' accuracies."""
    values = values_of(answered, accuracy)
    legacy = means(answered, _legacy)
    tasks = {each.question.question_id: each.question.task for each in answered}
    return (
        Measure(name="accuracy", values=values, legacy=legacy, scale=SCALE, why_legacy=WHY),
        Measure(name="accuracy_mean_of_tasks", values=evenly(values, tasks), scale=SCALE, note=OF_TASKS, only_over_all=True),
    )


def accuracy(each: Answered) -> float | None:
    """1 for the right option, 0 for another, None where none could be read. Options of one text are one."""
    if each.parsed is None or each.parsed.choice is None or (right := each.question.reference.choice) is None:
        return None
    options, chosen = options_of(each.question), each.parsed.choice
    return float(chosen == right or ("" != options[chosen] == options[right]))


def evenly(values: dict[str, float | None], tasks: dict[str, str]) -> dict[str, float | None]:
    """Values whose mean is the mean over tasks of the tasks' means, and whose spread about it is that of this mean.

    A question's is that mean and what the question moves it by: its distance from its task's own mean, by the task's weight.
    """
    by_task: dict[str, list[float]] = {}
    for name, value in values.items():
        if value is not None:
            by_task.setdefault(tasks[name], []).append(value)
    of_task = {task: sum(found) / len(found) for task, found in by_task.items()}
    scored = sum(map(len, by_task.values()))
    weights = {task: scored / (len(by_task) * len(found)) for task, found in by_task.items()}
    mean = sum(of_task.values()) / len(of_task) if of_task else 0.0
    return {name: None if value is None else mean + weights[tasks[name]] * (value - of_task[tasks[name]]) for name, value in values.items()}


def _legacy(each: Answered) -> float | None:
    said = each.said[-1] if each.said else (each.parsed.answer if each.parsed else None)
    letter = legacy_first_word(said or "")
    return float(letter is not None and "ABCDE".index(letter) == each.question.reference.choice)
