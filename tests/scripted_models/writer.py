"""All scripted models behind one endpoint: they take a request apart as a server does, and answer with JSON."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from scripted_models import (
    av_narration,
    avdn,
    avh_action,
    avh_object,
    avh_sound,
    avsn,
    captions,
    mcg,
    ssa,
    tr_before_after,
    tr_event_ordering,
)
from scripted_models.footage import Reel, Shown
from scripted_models.reading import Evidence, Page
from scripted_models.spoiling import Spoiler

LOOKING: Mapping[str, Callable[[Shown], dict[str, Any]]] = {
    "caption.video_description": captions.video_description,
    "caption.sound_description": captions.sound_description,
    "caption.object_description": captions.object_description,
}
READING: Mapping[str, Callable[[Page], dict[str, Any]]] = {"mcg": mcg.answer, "av_narration": av_narration.answer}
ASKING: Mapping[str, Callable[[Evidence], dict[str, Any]]] = {
    "qa.avdn": avdn.answer,
    "qa.avsn": avsn.answer,
    "qa.avh_action": avh_action.answer,
    "qa.avh_object": avh_object.answer,
    "qa.avh_sound": avh_sound.answer,
    "qa.ssa": ssa.answer,
    "qa.tr_before_after": tr_before_after.answer,
    "qa.tr_event_ordering": tr_event_ordering.answer,
}


@dataclass
class Writer:
    """Answers the requests of builds over some footage. `spoilers`, by task and unit id, make single replies wrong."""

    reel: Reel
    spoilers: Mapping[tuple[str, str], Spoiler] = field(default_factory=dict[tuple[str, str], Spoiler])

    def reply(self, name: str, prompt: str) -> str:
        """The reply to a request of that name, `TASK/UNIT/KEY`, whose first question is the prompt."""
        task, unit_id, _ = name.split("/")
        return json.dumps(self._answer(task, unit_id, prompt), ensure_ascii=False)

    def _answer(self, task: str, unit_id: str, prompt: str) -> dict[str, Any]:
        if task in LOOKING:
            return LOOKING[task](self.reel.shown(unit_id))
        if task in READING:
            return READING[task](Page(prompt))
        page = Evidence(prompt)
        right = ASKING[task](page)
        spoiler = self.spoilers.get((task, unit_id))
        return spoiler(right, page) if spoiler else right
