"""The measured engine's answer: things that it saw, and things of the same colours and shapes that it did not see."""

from typing import Any

from egoetl.algorithms.shuffling import shuffled
from egoetl.algorithms.wording import with_article
from egoetl.core.ports import Request
from egoetl.qa.asking import asked_alike, counterparts
from egoetl.qa.avh_object.task import objects
from egoetl.qa.evidence import is_named
from egoetl.qa.scope import Scope

# What the engine calls the things that it sees: a colour and a shape.
COLOURS = ("red", "orange", "yellow", "green", "cyan", "blue", "purple", "pink")
SHAPES = ("ball", "box")
QUESTIONS = ("Can {it} be seen {where}?", "Does {it} appear {where}?", "Is {it} in view at any time {where}?")


def answer(request: Request) -> dict[str, Any]:
    """An `AvhObjectReply` for a scope with at least one object."""
    scope: Scope = request.values["scope"]
    there = shuffled(objects(scope.segments), scope.scope_id)
    plausible = _plausible(there, scope.scope_id)
    both = counterparts(there, lambda _: plausible, lambda name: is_named(name, scope.segments))
    return asked_alike(both, QUESTIONS, request, said=with_article)


def _plausible(there: tuple[str, ...], seed: str) -> list[str]:
    """Colours and shapes that were seen, put together otherwise; then all others."""
    seen = {word for name in there for word in name.split()}
    names = shuffled([f"{colour} {shape}" for colour in COLOURS for shape in SHAPES], seed)
    return sorted(names, key=lambda name: not seen.issuperset(name.split()))
