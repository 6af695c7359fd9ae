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
    """Classes of sound, and then sounds that were heard with sources that were seen, both in the clip's own order."""
    yield from shuffled(CLASSES, item.clip.clip_id)
    seen = {name: None for each in item.segments for name in (*each.graph.non_interacted_objects, *each.captions.objects)}
    for source in (*shuffled(tuple(seen), item.clip.clip_id), *UNSEEN):
        for sound in heard:
            yield f"{sound} of the {source}"


def _asked(sound: str) -> dict[str, str]:
    return {"sound": sound, "question": f"Can {with_article(sound)} be heard in this part of the video?"}
