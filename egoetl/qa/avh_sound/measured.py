"""The measured engine's answer: a class of sound that it heard, and one, or a source, that no graph of the clip holds."""

from collections.abc import Iterator
from typing import Any

from egoetl.algorithms.shuffling import shuffled
from egoetl.algorithms.wording import with_article
from egoetl.core.ports import Request
from egoetl.qa.scope import Scope
from egoetl.qa.soundscape import heard_sounds, is_hinted_at

CLASSES = ("impact sound", "tonal sound", "noise-like sound", "speech-like sound")
# Asked about only where every class is heard and everything seen makes a sound: the engine would have named them.
UNSEEN = ("pink box", "purple ball", "cyan box", "orange ball")


def answer(request: Request) -> dict[str, Any]:
    """An `AvhSoundReply` for a scope with at least one sound."""
    scope: Scope = request.values["scope"]
    heard = shuffled(heard_sounds(scope.segments), scope.scope_id)
    absent = next(each for each in _plausible(scope, heard) if not is_hinted_at(each, scope.segments))
    return {"factual": _asked(heard[0]), "hallucinated": _asked(absent)}


def _plausible(scope: Scope, heard: tuple[str, ...]) -> Iterator[str]:
    """Classes of sound, then sounds that were heard with things that were seen; those whose cause was always seen come first."""
    yield from shuffled(CLASSES, scope.scope_id)
    unexplained = {each.sound for segment in scope.segments for each in segment.graph.sounds if each.source is None}
    seen = {name: None for segment in scope.segments for name in segment.captions.objects}
    for sound in sorted(heard, key=lambda each: each in unexplained):
        for source in (*shuffled(tuple(seen), scope.scope_id), *UNSEEN):
            yield f"{sound} of the {source}"


def _asked(sound: str) -> dict[str, str]:
    return {"sound": sound, "question": f"Can {with_article(sound)} be heard in this part of the video?"}
