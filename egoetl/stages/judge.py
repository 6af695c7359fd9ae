"""judge: a model grades what another model said, by the rubric that the benchmark has for the question."""

import json
from functools import partial
from typing import Annotated, Literal

from pydantic import Field

from egoetl.benchmarks.benchmark import Benchmark, RubricName
from egoetl.benchmarks.rubrics.index import RUBRICS, Graded
from egoetl.core.evaluation import Grade, Grades, SaidQuestion
from egoetl.core.ports import StageIO
from egoetl.core.records import Drop
from egoetl.core.stage import Params, Stage

ROLE = "judge"
CUT_MARK = " [cut]"
"""What a text ends with that was cut for the judge."""
CLOSE = 1
"""By how much two grades of one judge may differ and still be the same grade."""
Order = Literal["reference_first", "prediction_first"]


class JudgeParams(Params):
    """Whether a judge is asked at all, and the controls: how answers are shown to it."""

    asked: bool = False
    """Judging costs a request for each answer, so it is asked for."""
    both_orders: bool = False
    """Ask twice, with reference and prediction in swapped order; for twice the price."""
    most_characters: Annotated[int, Field(ge=16, le=8000)] = 8000
    """Of the reference and of the prediction, each: what is longer is cut, with a mark."""

    @property
    def off(self) -> bool:
        """Nothing to do where no judge is asked."""
        return not self.asked


def judge_stage(benchmark: Benchmark) -> Stage:
    """The stage that grades the answers to a benchmark's questions.

    A question that the benchmark has no rubric for is dropped as `needs_no_judge`, an answer without a word as `nothing_said`, one
    whose reference has no text as `no_reference`. A call that fails fails the unit, which is tried again as any other: no grade ever
    stands for it.
    """
    return Stage(
        name="judge",
        version=1,
        run=partial(_grade, benchmark),
        item=SaidQuestion,
        params=JudgeParams,
        output=Grades,
        roles=(ROLE,),
        prompts=tuple(each.prompt for each in RUBRICS.values()),
        schemas=tuple(each.schema for each in RUBRICS.values()),
        decodes=False,
        store_prefix="eval",
    )


async def _grade(benchmark: Benchmark, item: SaidQuestion, params: JudgeParams, io: StageIO) -> Grades | Drop:
    rubric = benchmark.rubric(item.question)
    if rubric is None:
        return Drop(reason="needs_no_judge")
    if not _said(item):
        return Drop(reason="nothing_said")
    if not _reference_of(item):
        return Drop(reason="no_reference")
    first = await _ask(rubric, item, params, io, "reference_first")
    if not params.both_orders:
        return Grades(grades=(first,))
    return Grades(grades=consistent(first, await _ask(rubric, item, params, io, "prediction_first")))


def consistent(first: Grade, swapped: Grade) -> tuple[Grade, ...]:
    """What is kept of the grades that one judge gave in both orders.

    Where they differ by at most `CLOSE` and have one verdict, the first one, so that a grade is what it would be without this
    control. Otherwise both, each marked: which of them holds is not known.
    """
    if abs(first.score - swapped.score) <= CLOSE and first.verdict == swapped.verdict:
        return (first.model_copy(update={"consistent": True}),)
    return tuple(each.model_copy(update={"consistent": False}) for each in (first, swapped))


async def _ask(rubric: RubricName, item: SaidQuestion, params: JudgeParams, io: StageIO, order: Order) -> Grade:
    prompt, schema, _, _ = RUBRICS[rubric]
    reference, predicted = _reference_of(item), _said(item)
    shown = [
        {"whose": "Reference answer", "text": _quoted(_cut(reference, params.most_characters))},
        {"whose": "Answer of the model", "text": _quoted(_cut(predicted, params.most_characters))},
    ]
    reply: Graded = await io.ask(
        ROLE, f"judge.{rubric}", prompt.name, schema, item,
        question=_quoted(item.question.question),
        options=[_quoted(each) for each in item.question.options],
        answers=shown if order == "reference_first" else shown[::-1],
        cut=_quoted(CUT_MARK) if max(len(reference), len(predicted)) > params.most_characters else "",
    )  # fmt: skip
    verdict = getattr(reply, "verdict", None)
    return Grade(rubric=rubric, judge=ROLE, score=reply.score, verdict=verdict, reason=reply.reason, order=order)


def _said(item: SaidQuestion) -> str:
    return "\n".join(item.said.turns).strip()


def _reference_of(item: SaidQuestion) -> str:
    reference, options = item.question.reference, item.question.options
    if reference.answer or reference.choice is None:
        return reference.answer.strip()
    return options[reference.choice] if 0 <= reference.choice < len(options) else ""


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[:most].rstrip() + CUT_MARK


def _quoted(text: str) -> str:
    """As a JSON string: nothing in an answer can pass for what stands around it."""
    return json.dumps(text, ensure_ascii=False)
