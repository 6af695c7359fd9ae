"""What measures of benchmarks share: values by question, the means that reference scorers print, and measures of a group of tasks."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from egoetl.core.evaluation import Answered, Measure, Question

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
    """What stands before `/` in the name of a question's task."""
    return question.task.partition("/")[0]


def for_each_group(answered: Sequence[Answered], measure: Callable[[Sequence[Answered]], Measure]) -> Iterator[Measure]:
    """A measure over all answers and, as `<group>_<name>`, over those of each group of tasks, so that a report has their means too.

    Groups are those of names such as `indoor/kitchen`; where there are none, there is the measure over all alone.
    """
    yield measure(answered)
    grouped = {group_of(each.question) for each in answered if "/" in each.question.task}
    for group in sorted(grouped):
        one = measure(those(answered, lambda question, group=group: group_of(question) == group))
        yield one.model_copy(update={"name": f"{group}_{one.name}"})
