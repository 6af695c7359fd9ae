"""verify: a QA pair is accepted only if every rule of its task holds against the evidence of the whole clip."""

from egoetl.core.items import DraftedPair
from egoetl.core.ports import StageIO
from egoetl.core.records import Drop, Verdict
from egoetl.core.stage import Params, stage
from egoetl.qa.index import TASKS


@stage("verify", version=2, store_prefix="qa")
async def verify(item: DraftedPair, _params: Params, _io: StageIO) -> Verdict | Drop:
    """Drop the pair with the name of the first rule that it breaks. Raise the version when a task's rules change."""
    rules = TASKS[item.pair.task].rules
    for rule in rules:
        if not rule.holds(item):
            return Drop(reason=rule.name, detail=item.pair.question)
    return Verdict(passed=tuple(rule.name for rule in rules))
