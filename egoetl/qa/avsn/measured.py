"""The measured engine's answer: the narration, which says only what was measured."""

from typing import Any

from egoetl.core.items import NarratedSegment
from egoetl.core.ports import Request


def answer(request: Request) -> dict[str, Any]:
    """An `AvsnReply` for a NarratedSegment."""
    assert isinstance(request.item, NarratedSegment)
    return {"answer": request.item.narration.av_narration}
