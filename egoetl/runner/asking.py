"""Ask a model until its reply is an answer, or until the rules say that asking again cannot help."""

from typing import NamedTuple, TypeVar

from pydantic import BaseModel

from egoetl.core.exchanges import Exchange
from egoetl.core.ledger import Usage
from egoetl.core.ports import Engine, Reply, ReplyStatus, Request
from egoetl.core.records import UnitKind
from egoetl.runner.judging import Judgement, failure, judge, mend

T = TypeVar("T", bound=BaseModel)
_UNCOUNTED: frozenset[ReplyStatus] = frozenset({"too_long", "timed_out", "server_error"})
"""Replies in which a server that counts tokens counts none."""


class Asked(NamedTuple):
    """A request, who was asked, what came back, and how it was judged."""

    role: str
    engine: Engine
    turn: int
    request: Request
    reply: Reply
    status: ReplyStatus
    fault: str


async def answer_of(engine: Engine, role: str, request: Request, schema: type[T], asked: list[Asked]) -> T:
    """The answer to a request; every exchange it took is added to `asked`.

    Each remedy of the rules is tried once. One that is too long for the model says nothing new: what was wrong before stays the
    reason. Raises DataError, ItemConfigError or TryAgainError `reply_<status>`.
    """
    tried = set[ReplyStatus]()
    before: Judgement[T] | None = None
    turn = 0
    while True:
        reply = await engine.ask(request)
        judged = judge(reply, schema)
        if judged.status == "ok" and "off_schema" in tried:
            judged = judged._replace(status="repaired")
        asked.append(Asked(role, engine, turn, request, reply, judged.status, judged.fault))
        if judged.answer is not None:
            return judged.answer
        if judged.status == "too_long" and before is not None:
            raise failure(request.task, engine.model, before)
        following = None if judged.status in tried else mend(request, reply, judged)
        if following is None:
            raise failure(request.task, engine.model, judged)
        tried.add(judged.status)
        request, before, turn = following, judged, turn + 1


def usage_of(asked: list[Asked]) -> Usage:
    """What was asked of models, all turns together; tokens are None as soon as one reply that has some did not count them."""
    counted = [each.reply for each in asked if each.reply.status not in _UNCOUNTED]
    prompt = _sum([each.prompt_tokens for each in counted])
    completion = _sum([each.completion_tokens for each in counted])
    return Usage(requests=len(asked), prompt_tokens=prompt, completion_tokens=completion)


def exchanges_of(asked: list[Asked], *, stage: str, unit_kind: UnitKind) -> tuple[Exchange, ...]:
    """The exchanges with models whose replies are kept."""
    return tuple(
        Exchange.of(
            each.reply, stage=stage, unit_kind=unit_kind, unit_id=each.request.unit_id, ordinal=ordinal, role=each.role,
            task=each.request.task, model=each.engine.model, request=each.request.key, turn=each.turn, status=each.status,
            detail=each.fault or each.reply.detail,
        )
        for ordinal, each in enumerate(asked) if each.engine.keeps_replies
    )  # fmt: skip


def _sum(counts: list[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known and len(known) == len(counts) else None
