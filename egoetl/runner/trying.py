"""Try a stage on one unit without committing anything: what it is given, what it asks, what it makes."""

from typing import Any

from egoetl.core.content_key import content_key
from egoetl.core.errors import CallerError, describe
from egoetl.core.ports import Message
from egoetl.core.prompt import Prompt
from egoetl.core.records import Record
from egoetl.runner.inputs import Blocked, Ready
from egoetl.runner.shard import StageRun, silent
from egoetl.runner.tools import Tools
from egoetl.runner.unit import Workbench


class Question(Record):
    """One request to a model and its reply."""

    task: str
    model: str
    messages: tuple[Message, ...]
    status: str
    reply: str
    seconds: float


class Trial(Record):
    """What a stage did with one unit."""

    stage: str
    unit_id: str
    key: str
    questions: tuple[Question, ...]
    result: dict[str, Any] | None
    failure: str | None


async def try_on(tools: Tools, stage: str, unit_id: str, prompt: Prompt | None) -> Trial:
    """Run a stage on a unit of the newest build that has it; `prompt` replaces the stage's prompt of its name.

    Raises CallerError: no build has the unit, or the stage has no item for it.
    """
    place = tools.reports.place_of(unit_id)
    if place is None:
        raise CallerError(f"No build has a unit {unit_id!r}; `egoetl trace video ID` lists a video's segments.", reason="unit_unknown")
    if prompt is not None:
        tools.prompts = {stage: prompt}
    run = StageRun(tools, tools.ledger.build(place.build), stage, place.shard, silent)
    inputs, _ = run.load()
    for each in inputs.joined():
        if each.unit.unit_id == unit_id:
            if isinstance(each, Blocked):
                raise CallerError(f"{unit_id} has no input for {stage}: {each.message}.", reason="input_missing")
            try:
                await tools.make_ready(run.recipe, run.stage)
                return await _trial(run, run.bench(inputs), each)
            finally:
                await tools.close()
    raise CallerError(
        f"Stage {stage} has no unit {unit_id!r}: it runs on a {run.stage.unit}, or an earlier stage dropped it.", reason="unit_unknown"
    )


async def _trial(run: StageRun, bench: Workbench, ready: Ready) -> Trial:
    key = content_key(run.config_sha, ready.inputs)
    made, failure = None, None
    with bench.io(key, ready.unit.unit_id) as io:
        try:
            made = await run.stage.run(ready.item, run.recipe.params_of(run.stage), io)
        except Exception as error:  # noqa: BLE001 - whatever the stage raises is what the person wants to see
            failure = describe(error)[2]
        questions = tuple(
            Question(
                task=each.request.task, model=each.engine.model, status=each.status, reply=each.reply.text, seconds=each.reply.seconds,
                messages=each.request.messages,
            )
            for each in io.asked
        )  # fmt: skip
    result = made.model_dump(mode="json") if made else None
    return Trial(stage=run.stage.name, unit_id=ready.unit.unit_id, key=key, questions=questions, result=result, failure=failure)
