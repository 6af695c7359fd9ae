"""The three captions of a segment, from one perception of it. Times count from the segment's start."""

from typing import Any

from egoetl.core.errors import InternalError
from egoetl.core.items import SampledSegment
from egoetl.core.ports import Request
from egoetl.engines.measured.perception import Perception, PerceptionCache
from egoetl.engines.measured.words import a, listed, sentence

MOST = 32


class CaptionAnswers:
    """Answers `caption.*` requests; one cache serves all three."""

    def __init__(self) -> None:
        self._cache = PerceptionCache()

    def video_description(self, request: Request) -> dict[str, Any]:
        """A `VideoDescriptionReply`."""
        seen = self._perceived(request)
        events = [
            {"object": each.object, "action": each.action, "start_s": round(each.start_s, 3), "end_s": round(each.end_s, 3)}
            for each in seen.events[:MOST]
        ]
        return {"description": " ".join(_picture_sentences(seen)), "events": events}

    def sound_description(self, request: Request) -> dict[str, Any]:
        """A `SoundDescriptionReply`."""
        heard = self._perceived(request).sounds[:MOST]
        if not heard:
            return {"description": "The segment is silent.", "sounds": []}
        text = ", then ".join(a(each.sound) for each in heard)
        sounds = [{"sound": each.sound, "start_s": each.start_s, "end_s": each.end_s} for each in heard]
        return {"description": sentence(f"{text} can be heard"), "sounds": sounds}

    def object_description(self, request: Request) -> dict[str, Any]:
        """An `ObjectDescriptionReply`."""
        names = self._perceived(request).objects
        text = f"{listed([a(each) for each in names])} can be seen" if names else "nothing with a colour of its own can be seen"
        return {"description": sentence(text), "objects": list(names)}

    def _perceived(self, request: Request) -> Perception:
        if not isinstance(request.item, SampledSegment) or request.media is None:
            raise InternalError(
                f"The measured engine was asked for {request.task} without a segment and its media; let the stage pass `look`.",
                reason="measured_needs_media",
            )
        return self._cache.of(request.item, request.media)


def _picture_sentences(seen: Perception) -> list[str]:
    said = [f"the scene is {seen.light}", f"the camera pans {seen.pan}" if seen.pan else "the camera stays about where it is"]
    if seen.cuts:
        said.append("the scene changes" if seen.cuts == 1 else f"the scene changes {seen.cuts} times")
    if seen.objects:
        said.append(f"{listed([a(each) for each in seen.objects])} can be seen")
    if seen.events:
        said.append(", then ".join(f"the {each.object} {each.action}" for each in seen.events[:MOST]))
    else:
        said.append("nothing is seen to move by itself")
    return [sentence(each) for each in said]
