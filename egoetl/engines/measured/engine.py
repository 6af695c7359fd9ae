"""The measured engine: answers a request by a function of what was measured, no model involved."""

import asyncio
from collections.abc import Callable, Mapping
from functools import cache
from time import perf_counter
from typing import Any

from egoetl.core.errors import InternalError
from egoetl.core.ports import Reply, Request
from egoetl.core.replies import written

Answer = Callable[[Request], dict[str, Any]]  # JSON-able data of the request's schema, made in a thread


def standard_answers() -> dict[str, Answer]:
    """The answers about segments, by task; QA tasks bring their own. Loads OpenCV and SciPy, which takes most of a second."""
    from egoetl.engines.measured.captions import CaptionAnswers
    from egoetl.engines.measured.graph import context_graph
    from egoetl.engines.measured.narration import narration

    captions = CaptionAnswers()
    return {
        "caption.video_description": captions.video_description,
        "caption.sound_description": captions.sound_description,
        "caption.object_description": captions.object_description,
        "mcg": context_graph,
        "av_narration": narration,
    }


class MeasuredEngine:
    """Implements `core.ports.Engine`. `answers` gives a function for each task; it is called when the first request comes."""

    def __init__(self, answers: Callable[[], Mapping[str, Answer]]) -> None:
        self._answers = cache(answers)

    @property
    def model(self) -> str:
        """`measured@version`, part of every content key: the version is raised whenever an answer changes."""
        return "measured@3"

    @property
    def at_once(self) -> int:
        """As many as the settings say: it works on this machine's processors."""
        return 0

    @property
    def keeps_replies(self) -> bool:
        """No: every answer follows from the records and the version."""
        return False

    async def close(self) -> None:
        """Nothing was started."""

    async def ask(self, request: Request) -> Reply:
        """Answer in a thread. Raises InternalError `measured_cannot_answer` for a task without an answer."""
        answer = self._answers().get(request.task)
        if answer is None:
            raise InternalError(f"The measured engine has no answer for {request.task!r}; add one.", reason="measured_cannot_answer")
        started = perf_counter()
        text = await asyncio.to_thread(lambda: written(request.schema.model_validate(answer(request))))
        return Reply(status="ok", text=text, seconds=perf_counter() - started)
