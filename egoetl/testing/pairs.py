"""Pairs of QA tasks, drafted from the measured engine's answers or made up, held against their tasks' rules."""

from typing import Any

from egoetl.core.content_key import canonical_json
from egoetl.core.items import DiverseClip, Item
from egoetl.core.ports import Request, Sampling
from egoetl.core.records import Drop, QAPair
from egoetl.qa.index import TASKS, measured_answers
from egoetl.qa.scope import scope_of
from egoetl.qa.task import Draft
from egoetl.testing.samples import a_drafted_pair


def prepared(name: str, item: Item, **settings: Any) -> Any:
    """What a task finds to ask about a clip or segment, or its Drop."""
    scope = scope_of(item)
    return TASKS[name].prepare(scope, TASKS[name].asked[scope.kind](**settings))


def drafted(name: str, item: Item, reply: dict[str, Any], **settings: Any) -> tuple[Draft, ...]:
    """The pairs that a task makes of a reply."""
    task, scope = TASKS[name], scope_of(item)
    return task.drafts(scope, task.asked[scope.kind](**settings), task.schema.model_validate_json(canonical_json(reply)))


def measured(name: str, item: Item, **settings: Any) -> tuple[Draft, ...]:
    """The pairs that a task makes of the measured engine's answer."""
    task, scope, values = TASKS[name], scope_of(item), prepared(name, item, **settings)
    assert not isinstance(values, Drop), values
    request = Request(f"qa.{name}", item, (), None, task.schema, Sampling(), {"scope": scope, **values})
    return drafted(name, item, measured_answers()[f"qa.{name}"](request), **settings)


def broken_rules(name: str, clip: DiverseClip, draft: Draft | dict[str, Any]) -> list[str]:
    """The rules of a task that a pair breaks, given its fields and its clip."""
    fields = draft.model_dump() if isinstance(draft, Draft) else draft
    item = a_drafted_pair(clip, QAPair(qa_id="qa_x", task=name, **fields))
    return [rule.name for rule in TASKS[name].rules if not rule.holds(item)]
