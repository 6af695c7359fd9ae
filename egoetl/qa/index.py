"""All QA tasks by name, and the measured engine's answers to them. A new task is listed here and in a recipe."""

from collections.abc import Callable, Mapping
from typing import Any

from egoetl.core.ports import Request
from egoetl.qa.avdn import measured as avdn
from egoetl.qa.avdn.task import AVDN
from egoetl.qa.avh_action import measured as avh_action
from egoetl.qa.avh_action.task import AVH_ACTION
from egoetl.qa.avh_object import measured as avh_object
from egoetl.qa.avh_object.task import AVH_OBJECT
from egoetl.qa.avh_sound import measured as avh_sound
from egoetl.qa.avh_sound.task import AVH_SOUND
from egoetl.qa.avsn import measured as avsn
from egoetl.qa.avsn.task import AVSN
from egoetl.qa.ssa import measured as ssa
from egoetl.qa.ssa.task import SSA
from egoetl.qa.task import QATask
from egoetl.qa.tr_before_after import measured as tr_before_after
from egoetl.qa.tr_before_after.task import TR_BEFORE_AFTER
from egoetl.qa.tr_event_ordering import measured as tr_event_ordering
from egoetl.qa.tr_event_ordering.task import TR_EVENT_ORDERING

TASKS: Mapping[str, QATask[Any, Any]] = {
    task.name: task for task in (AVDN, AVSN, AVH_ACTION, AVH_OBJECT, AVH_SOUND, SSA, TR_BEFORE_AFTER, TR_EVENT_ORDERING)
}


def measured_answers() -> dict[str, Callable[[Request], dict[str, Any]]]:
    """The measured engine's answer to each task, by the name under which the task asks."""
    return {
        "qa.avdn": avdn.answer,
        "qa.avsn": avsn.answer,
        "qa.avh_action": avh_action.answer,
        "qa.avh_object": avh_object.answer,
        "qa.avh_sound": avh_sound.answer,
        "qa.ssa": ssa.answer,
        "qa.tr_before_after": tr_before_after.answer,
        "qa.tr_event_ordering": tr_event_ordering.answer,
    }
