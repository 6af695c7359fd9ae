"""What a request becomes on the wire: messages with text, pictures and sound."""

from typing import Any, NamedTuple

from egoetl.core.errors import ConfigError
from egoetl.core.models import FramePolicy
from egoetl.core.ports import Message, Request
from egoetl.engines.chat.media_cache import MediaCache
from egoetl.engines.chat.media_parts import MediaParts, media_parts

MEDIA = MediaCache(most_bytes=256 << 20)
"""The parts of the segments that were asked about last, for all engines of the process."""


class Content(NamedTuple):
    """Messages of a chat completion, and further fields of the request that its media need."""

    messages: list[dict[str, Any]]
    fields: dict[str, Any]


async def content_of(request: Request, look: FramePolicy | None) -> Content:
    """The request's messages; media stand before the text of the last user message, so that requests on them share a prefix.

    Media are encoded in a thread, and once for all requests on the same segment.

    Raises:
        ConfigError: `model_cannot_look`; `look_outruns_frames` or `look_too_slow` where the policy does not fit the segment.
        DataError: the sampled container is damaged.
    """
    if request.media is None:
        return Content([each.model_dump() for each in request.messages], {})
    if look is None:
        raise ConfigError(
            f"{request.task} shows pictures, and the model reads text only; give it a `look` in the file of models.",
            reason="model_cannot_look",
        )
    media = request.media
    parts = await MEDIA.of((media.name, look.model_dump_json()), lambda: media_parts(media, look))
    return Content(with_media(request.messages, parts), parts.fields)


def with_media(messages: tuple[Message, ...], parts: MediaParts) -> list[dict[str, Any]]:
    """The messages, with the parts at the beginning of the first user message: a corrective turn comes after, and says text only."""
    dumped = [each.model_dump() for each in messages]
    shown = next(each for each in dumped if each["role"] == "user")
    shown["content"] = [*parts.parts, {"type": "text", "text": shown["content"]}]
    return dumped
