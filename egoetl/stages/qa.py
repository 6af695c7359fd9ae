"""qa_<task>: the stages of a QA task. All tasks share them; what differs lies in the task's folder."""

from functools import partial
from typing import Any

from egoetl.core.ids import qa_id
from egoetl.core.items import Item
from egoetl.core.ports import StageIO
from egoetl.core.records import Drop, QAPair, QAPairs
from egoetl.core.stage import Stage
from egoetl.qa.known import known_of
from egoetl.qa.scope import ITEMS, ScopeKind, scope_of
from egoetl.qa.task import PairsParams, QATask


def qa_stage(task: QATask[Any, Any], kind: ScopeKind | None = None) -> Stage:
    """The stage in which a task asks about every clip, or every segment; without `kind` what the task asks about first."""
    kind = kind or next(iter(task.asked))
    return Stage(
        name=task.stage_name(kind),
        version=task.version,
        run=partial(_draft, task),
        item=ITEMS[kind],
        params=task.asked[kind],
        output=QAPairs,
        roles=("text",),
        prompts=(task.prompt,),
        schemas=(task.schema,),
        decodes=False,
        store_prefix="qa",
    )


async def _draft(task: QATask[Any, Any], item: Item, params: PairsParams, io: StageIO) -> QAPairs | Drop:
    scope = scope_of(item)
    needed = task.prepare(scope, params)
    if isinstance(needed, Drop):
        return needed
    known = known_of(scope)
    reply = await io.ask("text", f"qa.{task.name}", task.prompt.name, task.schema, item, scope=scope, known=known, **needed)
    drafts = task.drafts(scope, params, reply)
    return QAPairs(
        pairs=tuple(QAPair(qa_id=qa_id(io.key, index), task=task.name, **draft.model_dump()) for index, draft in enumerate(drafts))
    )
