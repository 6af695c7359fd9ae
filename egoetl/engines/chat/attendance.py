"""Whether a model sees and hears what it is sent: a server may ignore a part, or an argument, without a word."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from egoetl.algorithms.look_cost import LookCost, segment_cost
from egoetl.core.errors import ConfigError
from egoetl.core.models import ModelSpec
from egoetl.core.ports import Reply, Request
from egoetl.engines.chat.content import Content, look_of

Ask = Callable[[Request, Content], Awaitable[Reply]]

_log = logging.getLogger(__name__)
_SLACK = 4
"""Tokens that a chat template may put around a part beside the markers: a line break, a number of the picture."""
_FAILED = ("server_error", "timed_out")
_REJECTED = "HTTP 4"
"""How the words of a request that the server does not take begin."""


class Attendance:
    """What is known of one model: the first request with media is asked for one token, with its media and without them.

    The difference in prompt tokens is what the server made of the media. It is compared with the processor's arithmetic, once for
    media with sound and once for media without. Nothing is asked of a model whose processor is not known, and nothing follows
    where a server counts no tokens. Used by one event loop; `before` is what an earlier loop has found out.
    """

    def __init__(self, spec: ModelSpec, ask: Ask, *, before: "Attendance | None" = None) -> None:
        self._spec, self._ask = spec, ask
        self._attended: set[bool] = before._attended if before else set()
        self._comparing: asyncio.Task[Reply | None] | None = None

    async def check(self, request: Request, content: Content) -> Reply | None:
        """Return once it is known that such media arrive, or that it cannot be known; `content` is the request's own.

        Requests that come meanwhile wait for the same comparison. A reply that is returned is how the server has failed in it: the
        request's own failure, for which no second deadline is waited.

        Raises ConfigError `sound_not_heard`, `pictures_not_seen` or `media_miscounted` where media do not arrive, and
        `media_rejected` where the server takes the request without media alone.
        """
        look = look_of(request, self._spec.look)
        if request.media is None or look is None or look.processor is None:
            return None
        media = request.media
        cost = segment_cost(look, *media.size, media.window.duration_ms, has_sound=media.has_sound)
        while bool(cost.sound_tokens) not in self._attended:
            mine = self._comparing is None
            comparing = self._comparing = self._comparing or asyncio.create_task(self._compare(request, content, cost))
            try:
                failed = await asyncio.shield(comparing)  # whoever is cancelled while it waits leaves the others their answer
            finally:
                if comparing.done() and self._comparing is comparing:
                    self._comparing = None
            if mine or failed is not None:
                return failed
        return None

    async def _compare(self, request: Request, content: Content, cost: LookCost) -> Reply | None:
        """How the server has failed, if it has; where it answers otherwise than with a count, the request itself will meet that."""
        probe = request.again(sampling=request.sampling.model_copy(update={"max_tokens": 1}))
        shown = await self._ask(probe, content)
        rejected = shown.status == "server_error" and shown.detail.startswith(_REJECTED)
        if shown.status in _FAILED and not rejected:
            return shown
        told = await self._ask(probe, Content(_without_media(content), {}))
        if told.status in _FAILED:
            return told
        if rejected:
            raise _rejected(self._spec.name, shown.detail)
        if shown.prompt_tokens is not None and told.prompt_tokens is not None:
            found = shown.prompt_tokens - told.prompt_tokens
            if error := misfit(self._spec.name, cost, found, parts=_media_parts(content)):
                raise error
            _log.info("%s sees and hears: a segment's media are %d tokens, %d expected.", self._spec.name, found, cost.tokens)
        if shown.status in ("ok", "truncated"):
            self._attended.add(bool(cost.sound_tokens))
        return None


def misfit(model: str, cost: LookCost, found: int, *, parts: int) -> ConfigError | None:
    """What is wrong if a server has made `found` tokens of a segment's media, sent in so many parts; None if they are those expected."""
    seen, heard, slack = cost.picture_tokens or 0, cost.sound_tokens or 0, _SLACK * parts
    if seen + heard <= found <= seen + heard + slack:
        return None
    counted = f"{found} tokens instead of {seen} for {cost.pictures} pictures and {heard} for sound"
    if heard and seen <= found <= seen + slack:
        return ConfigError(
            f"{model} does not hear: the server made {counted}. Interleaved sound needs a server that knows use_audio_in_video and"
            " runs with --trust-request-mm-kwargs; else set the model's `look.sound` to separate or none.",
            reason="sound_not_heard",
        )
    if found <= heard + slack:
        return ConfigError(
            f"{model} does not see: the server made {counted}. Serve a model that takes video, or change the model's `look.pictures`.",
            reason="pictures_not_seen",
        )
    return ConfigError(
        f"{model} is not shown what it is sent: the server made {counted}, so it samples or scales again. Start vllm serve with"
        " --trust-request-mm-kwargs and without --mm-processor-kwargs, or correct the model's `look.processor`.",
        reason="media_miscounted",
    )


def _rejected(model: str, words: str) -> ConfigError:
    return ConfigError(
        f"{model} takes no such pictures or sound ({words}); start vllm serve with --trust-request-mm-kwargs and a --limit-mm-per-prompt"
        " that allows them, or change the model's `look`.",
        reason="media_rejected",
    )


def _without_media(content: Content) -> list[dict[str, Any]]:
    """The messages with the text of those of the media's parts that have one, and with the question's own stills."""
    shown = _shown(content)
    kept = [part for index, part in enumerate(shown["content"]) if index >= content.media_parts or part["type"] == "text"]
    return [{**each, "content": kept} if each is shown else each for each in content.messages]


def _media_parts(content: Content) -> int:
    return sum(part["type"] != "text" for part in _shown(content)["content"][: content.media_parts])


def _shown(content: Content) -> dict[str, Any]:
    """The message that holds the media."""
    return next(each for each in content.messages if each["role"] == "user")
