"""What a request becomes on the wire: messages with text, pictures and sound."""

from typing import Any, NamedTuple

from egoetl.algorithms.look_limits import limited
from egoetl.core.errors import ConfigError
from egoetl.core.models import FramePolicy
from egoetl.core.ports import Request
from egoetl.engines.chat.media_cache import MediaCache
from egoetl.engines.chat.media_parts import media_parts
from egoetl.engines.chat.still_parts import still_parts

MEDIA = MediaCache(most_bytes=256 << 20)
"""The parts of the segments that were asked about last, for all engines of the process."""


class Content(NamedTuple):
    """Messages of a chat completion, and further fields of the request that its media need."""

    messages: list[dict[str, Any]]
    fields: dict[str, Any]
    media_parts: int = 0
    """How many parts, at the beginning of the first user message, are the media's: what follows them is the question's own."""


def look_of(request: Request, look: FramePolicy | None) -> FramePolicy | None:
    """How the request's media are shown: by the model's policy, within the limits of who asks."""
    if look is None or request.media is None or request.limits is None:
        return look
    return limited(look, request.limits, request.media.window.duration_ms)


async def content_of(request: Request, look: FramePolicy | None) -> Content:
    """The request's messages; media stand before the text of the first user message, so that requests on them share a prefix.

    Media are encoded in a thread, and once for all requests on the same window. Stills follow the question's text.

    Raises:
        ConfigError: `model_cannot_look`; `look_outruns_frames` or `look_too_slow` where the policy does not fit the segment.
        DataError: the sampled container is damaged; `still_malformed` for one that is neither PNG nor JPEG.
    """
    if request.media is None and not request.stills:
        return Content([each.model_dump() for each in request.messages], {})
    if look is None:
        raise ConfigError(
            f"{request.task} shows pictures, and the model reads text only; give it a `look` in the file of models.",
            reason="model_cannot_look",
        )
    stills = still_parts(request.stills, request.task)
    if (media := request.media) is None:
        return Content(with_parts(request, [], stills), {})
    parts = await MEDIA.of((media.name, look.model_dump_json()), lambda: media_parts(media, look))
    return Content(with_parts(request, parts.parts, stills), parts.fields, len(parts.parts))


def with_parts(request: Request, media: list[dict[str, Any]], stills: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The messages, with media at the beginning of the first user message and stills at the end of the question's.

    A corrective turn comes after both, and says text only.
    """
    dumped = [each.model_dump() for each in request.messages]
    first = next(index for index, each in enumerate(dumped) if each["role"] == "user")
    for index in {first, request.question}:
        before, after = media if index == first else [], stills if index == request.question else []
        if before or after:
            dumped[index]["content"] = [*before, {"type": "text", "text": dumped[index]["content"]}, *after]
    return dumped
