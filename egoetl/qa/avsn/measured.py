"""The measured engine's answer: the narration, which says only what was measured."""

from typing import Any

from egoetl.core.ports import Request
from egoetl.qa.scope import Scope


def answer(request: Request) -> dict[str, Any]:
    """An `AvsnReply` for a segment."""
    scope: Scope = request.values["scope"]
    return {"answer": scope.segments[0].narration.av_narration}
