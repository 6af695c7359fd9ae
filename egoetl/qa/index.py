"""All QA tasks by name, and the measured engine's answers to them. A new task is listed here and in a recipe."""

from collections.abc import Callable, Mapping
from typing import Any

from egoetl.core.ports import Request
from egoetl.qa.avh_sound import measured as avh_sound
from egoetl.qa.avh_sound.task import AVH_SOUND
from egoetl.qa.avsn import measured as avsn
from egoetl.qa.avsn.task import AVSN
from egoetl.qa.task import QATask
from egoetl.qa.tr_before_after import measured as tr_before_after
from egoetl.qa.tr_before_after.task import TR_BEFORE_AFTER

TASKS: Mapping[str, QATask[Any, Any]] = {task.name: task for task in (AVSN, AVH_SOUND, TR_BEFORE_AFTER)}


def measured_answers() -> dict[str, Callable[[Request], dict[str, Any]]]:
    """The measured engine's answer to each task, by the name under which the task asks."""
    return {"qa.avsn": avsn.answer, "qa.avh_sound": avh_sound.answer, "qa.tr_before_after": tr_before_after.answer}
