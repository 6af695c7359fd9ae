"""The measured engine's answer: sounds that it heard, and others that it would have heard.

Questions name a sound by its class alone, or by class and source. What is there and what is not come in the same form, and of
two sources with the same class, so that neither tells the answer.
"""

from collections.abc import Iterator
from itertools import chain, zip_longest
from typing import Any

from egoetl.algorithms.shuffling import shuffled
from egoetl.algorithms.wording import with_article
from egoetl.core.ports import Request
from egoetl.qa.asking import asked_alike, counterparts
from egoetl.qa.evidence import is_said
from egoetl.qa.scope import Scope
from egoetl.qa.soundscape import distinct_sounds, heard_sounds, of_source

CLASSES = ("impact sound", "tonal sound", "noise-like sound", "speech-like sound")
QUESTIONS = ("Can {it} be heard {where}?", "Is {it} to be heard {where}?", "Is there {it} {where}?")


def answer(request: Request) -> dict[str, Any]:
    """An `AvhSoundReply` for a scope with at least one sound."""
    scope: Scope = request.values["scope"]
    forms = [_by_class(scope), _by_source(scope)]
    if shuffled(("class", "source"), scope.scope_id)[0] == "source":
        forms.reverse()
    by_turns = chain.from_iterable(zip_longest(*forms))
    return asked_alike((each for each in by_turns if each is not None), QUESTIONS, request, said=with_article)


def _by_class(scope: Scope) -> Iterator[tuple[str, str]]:
    classes = shuffled(CLASSES, scope.scope_id)
    heard = shuffled(heard_sounds(scope.segments), scope.scope_id)
    return counterparts(heard, lambda _: classes, lambda sound: is_said(sound, scope.segments))


def _by_source(scope: Scope) -> Iterator[tuple[str, str]]:
    """A sound of its source, and of another thing seen. A class whose source was not always seen could be anything's."""
    sounds = distinct_sounds(scope.segments)
    unexplained = {each.sound for each in sounds if each.source is None}
    named = {of_source(each.sound, each.source): each.sound for each in sounds if each.source and each.sound not in unexplained}
    seen = shuffled(tuple({name for segment in scope.segments for name in segment.captions.objects}), scope.scope_id)
    return counterparts(
        shuffled(tuple(named), scope.scope_id),
        lambda subject: (of_source(named[subject], thing) for thing in seen),
        lambda subject: is_said(subject, scope.segments),
    )
