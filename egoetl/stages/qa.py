"""qa_<task>: the stage of a QA task. All tasks share it; what differs lies in the task's folder."""

from functools import partial
from typing import Any

from egoetl.core.ids import qa_id
from egoetl.core.items import Item
from egoetl.core.ports import StageIO
from egoetl.core.records import Drop, QAPair, QAPairs
from egoetl.core.stage import Params, Stage
from egoetl.qa.task import QATask


def qa_stage(task: QATask[Any, Any]) -> Stage:
    """The stage `qa_<task>`, which runs once for each unit of the task's kind."""
    return Stage(
        name=f"qa_{task.name}",
        version=task.version,
        run=partial(_draft, task),
        item=task.item,
        params=Params,
        output=QAPairs,
        roles=("text",),
        prompts=(task.prompt,),
        schemas=(task.schema,),
        decodes=False,
        store_prefix="qa",
    )


async def _draft(task: QATask[Any, Any], item: Item, _params: Params, io: StageIO) -> QAPairs | Drop:
    needed = task.prepare(item)
    if isinstance(needed, Drop):
        return needed
    reply = await io.ask("text", f"qa.{task.name}", task.prompt.name, task.schema, item, **needed)
    drafts = task.drafts(item, reply)
    return QAPairs(
        pairs=tuple(QAPair(qa_id=qa_id(io.key, index), task=task.name, **draft.model_dump()) for index, draft in enumerate(drafts))
    )
