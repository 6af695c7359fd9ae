"""A chat completion's answer becomes a reply."""

from dataclasses import dataclass
from typing import Any, cast

from egoetl.core.models import ModelSpec
from egoetl.core.ports import Reply, ReplyStatus
from egoetl.engines.chat.serving import Served
from egoetl.engines.chat.thinking import cut_thinking
from egoetl.engines.chat.troubles import Trouble

_LONGEST_WORDS = 300


@dataclass(frozen=True)
class Completion:
    """What a chat completion says, in the shapes that servers give it; counts are None where the server gives none."""

    text: str
    thinking: str
    refusal: str
    finish_reason: str | None
    model: str | None
    prompt_tokens: int | None
    completion_tokens: int | None
    cached_tokens: int | None


def completion_of(body: bytes, *, thinks: bool) -> Completion:
    """Read an answer. Raises Trouble `faulty` for a body that is no completion, or one that the server has given up."""
    import orjson

    try:
        said = cast("dict[str, Any]", orjson.loads(body))
        choice = cast("dict[str, Any]", said["choices"][0])
        message = cast("dict[str, Any]", choice.get("message") or {})
        finish = choice.get("finish_reason")
    except (orjson.JSONDecodeError, LookupError, TypeError, AttributeError):
        raise Trouble("faulty", f"the answer is no chat completion but {_begin(body)!r}") from None
    if finish in ("abort", "error"):
        raise Trouble("faulty", f"the server gave up the completion: finish_reason {finish}")
    text, thought = _text(message.get("content")), _text(message.get("reasoning") or message.get("reasoning_content"))
    cut = cut_thinking(text) if thinks else None
    usage = _mapping(said.get("usage"))
    return Completion(
        text=cut.answer if cut else text,
        thinking="\n".join(filter(None, (thought, cut.thinking if cut else ""))),
        refusal=_text(message.get("refusal")),
        finish_reason=finish if isinstance(finish, str) else None,
        model=said["model"] if isinstance(said.get("model"), str) else None,
        prompt_tokens=_count(usage.get("prompt_tokens")),
        completion_tokens=_count(usage.get("completion_tokens")),
        cached_tokens=_count(_mapping(usage.get("prompt_tokens_details")).get("cached_tokens")),
    )


def reply_of(said: Completion, spec: ModelSpec, served: Served, *, seconds: float, tries: int) -> Reply:
    """The reply with its status: whether its text is of the schema is judged later."""
    status, detail = _status(said, spec, served)
    return Reply(
        status=status,
        text=said.text,
        seconds=seconds,
        prompt_tokens=said.prompt_tokens,
        completion_tokens=said.completion_tokens,
        cached_tokens=said.cached_tokens,
        detail=detail,
        finish_reason=said.finish_reason,
        model=said.model,
        thinking=said.thinking,
        tries=tries,
    )


def _status(said: Completion, spec: ModelSpec, served: Served) -> tuple[ReplyStatus, str]:
    if said.model and not served.is_same(spec.model, said.model):
        return "other_model", f"asked {spec.model}, and {said.model} has answered"
    if said.refusal or said.finish_reason == "content_filter":
        return "refused", said.refusal[:_LONGEST_WORDS] or "the server's content filter has cut the reply"
    if said.finish_reason == "length":
        what = "the reply" if said.text.strip() else "thinking" if said.thinking else "white space"
        return "truncated", f"{what} went on to the limit of tokens"
    if not said.text.strip():
        return "empty", "nothing is left when thinking is cut off" if said.thinking else "the reply has no text"
    return "ok", ""


def _text(content: object) -> str:
    """A message's text, also where it comes in parts."""
    if isinstance(content, list):
        parts = [_mapping(each) for each in cast("list[Any]", content)]
        return "".join(each["text"] for each in parts if isinstance(each.get("text"), str))
    return content if isinstance(content, str) else ""


def _mapping(found: object) -> dict[str, Any]:
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _count(found: object) -> int | None:
    return found if isinstance(found, int) and not isinstance(found, bool) and found >= 0 else None


def _begin(body: bytes) -> str:
    return body[:120].decode("utf-8", "replace")
