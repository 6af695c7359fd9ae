"""Judge a reply before anything is made of it, and say what is done about one that is no answer. Rules only: nobody is asked here."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Generic, Literal, NamedTuple, TypeVar

import pydantic
from pydantic import BaseModel

from egoetl.core.errors import DataError, EgoetlError, ItemConfigError, TryAgainError
from egoetl.core.exchanges import encodable
from egoetl.core.ports import Message, Reply, ReplyStatus, Request, Sampling
from egoetl.core.replies import PlainReply

T = TypeVar("T", bound=BaseModel)

JUDGING_VERSION = 1
"""Part of the content key of whatever a model says: raised when another reply is taken for an answer, or asked for again otherwise."""
MORE_TOKENS = 4
"""How many times as many tokens a reply that was cut off may have the second time."""
MOST_TOKENS = 4096
"""No reply may have more the second time: a model that repeats itself fills any room."""
_FAULT_LENGTH = 600
_REPEATED_LENGTH = 8000
"""How much of a bad reply its model is shown again."""

Remedy = Literal["nothing", "correct", "more_tokens", "other_seed", "the_same"]


class Rule(NamedTuple):
    """What a status is followed by: a `remedy` tried once for each question, then a failure of this class with that `advice`."""

    remedy: Remedy
    failure: type[EgoetlError]
    advice: str
    why: str


RULES: Mapping[ReplyStatus, Rule] = {
    "off_schema": Rule(
        "correct",
        DataError,
        "mend the prompt, or take a model or a server that keeps to a JSON schema",
        "A model that is told its mistake usually mends it; one that does not will not in a third turn either.",
    ),
    "truncated": Rule(
        "more_tokens",
        DataError,
        "allow the role more tokens (`--set ROLE.max_tokens=N`), or ask for less in the prompt",
        "A long answer needs room; the seed stays, so that the answer goes on as it began.",
    ),
    "empty": Rule(
        "other_seed",
        DataError,
        "look whether the prompt's end is what the model's chat template expects",
        "The same seed would end as early again.",
    ),
    "refused": Rule(
        "nothing",
        DataError,
        "change the prompt, or take another model for the role",
        "What a model will not say once it should not be talked into.",
    ),
    "too_long": Rule(
        "nothing",
        DataError,
        "show the model fewer or smaller pictures (its frame policy), shorten the prompt, or serve it with a longer context",
        "The same request is as long again.",
    ),
    "other_model": Rule(
        "the_same",
        ItemConfigError,
        "let the role's address lead to the model that the build names, or bind the role to the model that is served there",
        "A router may have sent one request astray; what another model says is never taken, whatever it is.",
    ),
    "timed_out": Rule(
        "nothing",
        TryAgainError,
        "see the server's log; the unit is tried again",
        "The engine has tried until its deadline; the next attempt is another run's.",
    ),
    "server_error": Rule(
        "nothing",
        TryAgainError,
        "see the server's log; the unit is tried again",
        "The engine has spent its retries; the next attempt is another run's.",
    ),
}
"""By status, for every reply that is no answer."""


class Judgement(NamedTuple, Generic[T]):
    """What a reply is worth: its status, the answer if it is one, else the fault in words."""

    status: ReplyStatus
    answer: T | None
    fault: str


def judge(reply: Reply, schema: type[T]) -> Judgement[T]:
    """Whether a reply is an answer: one JSON value of the schema, strictly, with nothing before or after it; of plain text, any."""
    if reply.status != "ok":
        return Judgement(reply.status, None, reply.detail)
    if reply.finish_reason == "length":
        return Judgement("truncated", None, reply.detail or _cut_off(reply))
    if not reply.text or reply.text.isspace():
        return Judgement("empty", None, reply.detail or "it holds nothing")
    if issubclass(schema, PlainReply):
        return Judgement("ok", schema(text=encodable(reply.text)), "")
    try:
        _DECODER.decode(reply.text)
        return Judgement("ok", schema.model_validate_json(reply.text, strict=True), "")
    except pydantic.ValidationError as error:
        return Judgement("off_schema", None, _in_words(error))
    except (ValueError, RecursionError) as error:
        return Judgement("off_schema", None, f"it is not strict JSON: {error}"[:_FAULT_LENGTH])


def mend(request: Request, reply: Reply, judged: Judgement[T]) -> Request | None:
    """The request to make next about a reply that is no answer; None, where asking again cannot help."""
    match RULES[judged.status].remedy:
        case "nothing":
            return None
        case "the_same":
            return request
        case "other_seed":
            return request.again(sampling=request.sampling.model_copy(update={"seed": _other_seed(request.sampling)}))
        case "more_tokens":
            room = min(request.sampling.max_tokens * MORE_TOKENS, MOST_TOKENS)
            more = request.sampling.model_copy(update={"max_tokens": room})
            return request.again(sampling=more) if room > request.sampling.max_tokens else None
        case "correct":
            said = Message(role="assistant", content=encodable(reply.text[:_REPEATED_LENGTH]))
            told = f"This reply cannot be used: {judged.fault}. Reply again, with one JSON object of the schema and nothing else."
            return request.again(said, Message(role="user", content=told))


def failure(task: str, model: str, judged: Judgement[T]) -> EgoetlError:
    """What a stage is told about a reply that is no answer, in the end."""
    rule = RULES[judged.status]
    what = f"{task}: the reply of {model} is {judged.status}" + (f" ({judged.fault[:_FAULT_LENGTH]})" if judged.fault else "")
    return rule.failure(f"{what}; {rule.advice}.", reason=f"reply_{judged.status}")


def _cut_off(reply: Reply) -> str:
    counted = "" if reply.completion_tokens is None else f" of {reply.completion_tokens} tokens"
    return f"it is white space to its limit{counted}" if not reply.text.strip() else f"it was cut off at its limit{counted}"


def _in_words(error: pydantic.ValidationError) -> str:
    """The first faults, each with its place; what the model wrote is not repeated."""
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    said = [f"{'.'.join(map(str, each['loc'])) or 'the reply'}: {each['msg']}" for each in faults[:3]]
    more = f"; and {len(faults) - 3} more" if len(faults) > 3 else ""
    return ("; ".join(said)[:_FAULT_LENGTH] + more).rstrip(".")


def _other_seed(sampling: Sampling) -> int:
    digest = hashlib.sha256(f"{sampling.seed}:again".encode()).digest()
    return int.from_bytes(digest[:4], "big") & 0x7FFFFFFF


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice[:80]!r} stands twice in one object")
    return made


def _finite(digits: str) -> float:
    if (number := float(digits)) in (float("inf"), float("-inf")):
        raise ValueError("a number is too large")
    return number


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


# What pydantic's own parser lets pass: repeated keys, of which the last would win, and numbers that are none.
_DECODER = json.JSONDecoder(object_pairs_hook=_without_repeats, parse_float=_finite, parse_constant=_no_constant)
