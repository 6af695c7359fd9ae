"""The measured engine's answer: a class of sound that it heard, and one, or a source, that no graph of the clip holds."""

from collections.abc import Iterator
from typing import Any

from egoetl.algorithms.shuffling import shuffled
from egoetl.algorithms.wording import with_article
from egoetl.core.items import NarratedClip
from egoetl.core.ports import Request
from egoetl.qa.soundscape import heard_sounds, is_hinted_at

CLASSES = ("impact sound", "tonal sound", "noise-like sound", "speech-like sound")
# Asked about only where every class is heard and everything seen makes a sound: the engine would have named them.
UNSEEN = ("pink box", "purple ball", "cyan box", "orange ball")


def answer(request: Request) -> dict[str, Any]:
    """An `AvhSoundReply` for a NarratedClip with at least one sound."""
    item = request.item
    assert isinstance(item, NarratedClip)
    heard = shuffled(heard_sounds(item.segments), item.clip.clip_id)
    absent = next(each for each in _plausible(item, heard) if not is_hinted_at(each, item.segments))
    return {"factual": _asked(heard[0]), "hallucinated": _asked(absent)}


def _plausible(item: NarratedClip, heard: tuple[str, ...]) -> Iterator[str]:
    """Classes of sound, then sounds that were heard with things that were seen; those whose cause was always seen come first."""
    yield from shuffled(CLASSES, item.clip.clip_id)
    unexplained = {each.sound for segment in item.segments for each in segment.graph.sounds if each.source is None}
    seen = {name: None for segment in item.segments for name in segment.captions.objects}
    for sound in sorted(heard, key=lambda each: each in unexplained):
        for source in (*shuffled(tuple(seen), item.clip.clip_id), *UNSEEN):
            yield f"{sound} of the {source}"


def _asked(sound: str) -> dict[str, str]:
    return {"sound": sound, "question": f"Can {with_article(sound)} be heard in this part of the video?"}
