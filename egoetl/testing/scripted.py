"""An engine that answers as the measured one does, in the guise of a model, and that spoils the replies it is told to."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from egoetl.core.ports import Engine, Reply, Request
from egoetl.engines.measured.engine import MeasuredEngine, standard_answers
from egoetl.qa.index import measured_answers

Spoil = Callable[[Reply], Reply]


def with_status(status: str, text: str = "", **more: object) -> Spoil:
    """A reply that ends so, with this text."""
    return lambda reply: reply.model_copy(update={"status": status, "text": text, "detail": f"planted {status}", **more})


def saying(text: str) -> Spoil:
    """A reply that says something else, and ends well."""
    return lambda reply: reply.model_copy(update={"text": text})


def _measured() -> Engine:
    return MeasuredEngine(lambda: {**standard_answers(), **measured_answers()})


@dataclass
class ScriptedEngine:
    """Implements `core.ports.Engine`. `script` is (task, beginning of the unit's id) to what becomes of its first replies, in turn."""

    script: Mapping[tuple[str, str], tuple[Spoil, ...]] = field(default_factory=dict[tuple[str, str], tuple[Spoil, ...]])
    honest: Engine = field(default_factory=_measured)
    model: str = "scripted@1"
    at_once: int = 0
    keeps_replies: bool = True
    asked: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])

    async def ask(self, request: Request) -> Reply:
        """The measured answer with tokens as a server would count them, or what the script makes of it."""
        reply = (await self.honest.ask(request)).model_copy(
            update={"prompt_tokens": 100, "completion_tokens": 20, "cached_tokens": 60, "finish_reason": "stop", "model": self.model}
        )
        for (task, unit), spoils in self.script.items():
            if request.task == task and request.unit_id.startswith(unit):
                turn = self.asked[task, unit]
                self.asked[task, unit] += 1
                return spoils[turn](reply) if turn < len(spoils) else reply
        return reply

    async def close(self) -> None:
        """Nothing was started."""
