"""What measures of benchmarks share: values by question, and the means that reference scorers print."""

from collections.abc import Callable, Mapping, Sequence

from egoetl.core.evaluation import Answered, Question

Value = Callable[[Answered], float | None]
ALL = "all"


def those(answered: Sequence[Answered], applies: Callable[[Question], bool]) -> tuple[Answered, ...]:
    """The answers to questions that a metric applies to."""
    return tuple(each for each in answered if applies(each.question))


def values_of(answered: Sequence[Answered], value: Value) -> dict[str, float | None]:
    """A value for each question: None where the metric could not be taken."""
    return {each.question.question_id: value(each) for each in answered}


def means(answered: Sequence[Answered], value: Value) -> dict[str, float]:
    """The mean by task and under `all`, as scorers print it that leave out what has no value; a task without any is absent."""
    taken: dict[str, list[float]] = {}
    for each in answered:
        found = value(each)
        if found is not None:
            for task in (each.question.task, ALL):
                taken.setdefault(task, []).append(found)
    return {task: sum(values) / len(values) for task, values in taken.items()}


def by_id(values: Mapping[str, float | None]) -> Value:
    """Values that were taken together, question by question."""
    return lambda each: values.get(each.question.question_id)


def group_of(question: Question) -> str:
    """What stands before `/` in the name of a question's task: reports have a score over all tasks of a group too."""
    return question.task.partition("/")[0]
