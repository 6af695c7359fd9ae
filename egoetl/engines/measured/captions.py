"""What is perceived in a segment, and its three captions, which share one perception."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np

from egoetl.algorithms.phrasing import listed, paragraph, sentence
from egoetl.algorithms.wording import with_article
from egoetl.core.items import SampledSegment
from egoetl.core.media_port import SampledMedia
from egoetl.core.ports import Request
from egoetl.core.replies import LONGEST_DESCRIPTION
from egoetl.engines.measured.camera import follow
from egoetl.engines.measured.hearing import Sound, listen
from egoetl.engines.measured.regions import Pixels, find_regions, palette
from egoetl.engines.measured.tracks import Event, Tracker, direction

# Net way of the camera, in picture widths, that counts as a pan.
PAN = 0.25
# Mean brightness, of 255, below which a scene is dark or dim.
DARK, DIM = 50, 95
# As many events or sounds as a reply holds; perceptions at hand, more than segments are worked on at once.
MOST, KEPT = 32, 16


class Perception(NamedTuple):
    """What was measured; times in seconds from the segment's start. `pan` is empty for a camera that stays about where it was."""

    objects: list[str]
    events: list[Event]
    sounds: list[Sound]
    pan: str
    cuts: int
    light: str


def perceive(item: SampledSegment, media: SampledMedia) -> Perception:
    """Measure a segment's pictures and sound."""
    pictures: list[Pixels] = list(media.frames())
    hsv: list[Pixels] = [cv2.cvtColor(each, cv2.COLOR_RGB2HSV) for each in pictures]
    camera, hues, width = follow(pictures, hsv), palette(hsv), pictures[0].shape[1]
    tracker = Tracker(camera, [(ms - item.segment.start_ms) / 1000 for ms in media.frame_ms], width)
    tracks = tracker.follow([find_regions(each, hues) for each in hsv])
    way, value = complex(*camera.world[-1][:2, 2]) / width, float(np.mean([each[..., 2].mean() for each in hsv]))
    return Perception(
        objects=list(dict.fromkeys(each.name for each in tracks)),
        events=sorted(event for each in tracks for event in tracker.events(each)),
        sounds=listen(*media.sound()),
        pan=direction(way) if abs(way) >= PAN else "",
        cuts=len(camera.cuts),
        light="dark" if value < DARK else "dim" if value < DIM else "bright",
    )


class CaptionAnswers:
    """Answers `caption.*` requests about a SampledSegment and its media, which is measured once for all three."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Perception] = {}

    def video_description(self, request: Request) -> dict[str, Any]:
        """A `VideoDescriptionReply`."""
        seen = self._perceived(request)
        said = [f"the scene is {seen.light}", f"the camera pans {seen.pan}" if seen.pan else "the camera stays about where it is"]
        if seen.cuts:
            said.append(f"the scene changes {seen.cuts} times" if seen.cuts > 1 else "the scene changes once")
        said.append(_in_view(seen.objects))
        done = [f"the {each.object} {each.action}" for each in seen.events[:MOST]]
        said += done or ["nothing is seen to move by itself"]
        return {
            "description": paragraph(map(sentence, said), LONGEST_DESCRIPTION),
            "events": [each._asdict() for each in seen.events[:MOST]],
        }

    def sound_description(self, request: Request) -> dict[str, Any]:
        """A `SoundDescriptionReply`."""
        heard = self._perceived(request).sounds[:MOST]
        text = ", then ".join(with_article(each.sound) for each in heard)
        said = f"{text} can be heard" if heard else "the segment is silent"
        return {"description": sentence(said), "sounds": [each._asdict() for each in heard]}

    def object_description(self, request: Request) -> dict[str, Any]:
        """An `ObjectDescriptionReply`."""
        names = self._perceived(request).objects
        return {"description": sentence(_in_view(names)), "objects": names}

    def _perceived(self, request: Request) -> Perception:
        item, media = request.item, request.media
        assert isinstance(item, SampledSegment)
        assert media is not None
        key = (item.segment.segment_id, item.sampled.container.sha256)
        made = self._kept.get(key) or perceive(item, media)
        # Bound anew rather than changed: threads that come together lose an entry at worst.
        self._kept = dict([*self._kept.items(), (key, made)][-KEPT:])
        return made


def _in_view(names: Sequence[str]) -> str:
    return f"{listed([with_article(each) for each in names])} can be seen" if names else "nothing with a colour of its own can be seen"
