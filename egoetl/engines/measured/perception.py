"""Everything measured on one segment, once: the three captions of a segment share it."""

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock
from typing import NamedTuple

import cv2
import numpy as np

from egoetl.core.items import SampledSegment
from egoetl.core.ports import SampledMedia
from egoetl.engines.measured.camera import CameraPath, follow
from egoetl.engines.measured.hearing import Sound, listen
from egoetl.engines.measured.regions import Pixels, find_regions, palette
from egoetl.engines.measured.tracks import Event, Tracker, direction

# Net way of the camera, in picture widths, that counts as a pan.
PAN = 0.25
KEPT = 16


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
    return Perception(
        objects=list(dict.fromkeys(each.name for each in tracks)),
        events=sorted(event for each in tracks for event in tracker.events(each)),
        sounds=listen(*media.sound()),
        pan=_pan(camera, width),
        cuts=len(camera.cuts),
        light=_light(float(np.mean([each[..., 2].mean() for each in hsv]))),
    )


def _pan(camera: CameraPath, width: int) -> str:
    way = complex(*camera.world[-1][:2, 2]) / width
    return direction(way) if abs(way) >= PAN else ""


def _light(value: float) -> str:
    return "dark" if value < 50 else "dim" if value < 95 else "bright"


@dataclass
class _Slot:
    lock: Lock = field(default_factory=Lock)
    made: Perception | None = None


class PerceptionCache:
    """The last few perceptions, by segment and sampled container; of several threads that ask for one, one measures."""

    def __init__(self) -> None:
        self._slots: OrderedDict[tuple[str, str], _Slot] = OrderedDict()
        self._lock = Lock()

    def of(self, item: SampledSegment, media: SampledMedia) -> Perception:
        """The segment's perception, measured now unless it is among the last few."""
        with self._lock:
            slot = self._slots.setdefault((item.segment.segment_id, item.sampled.container.sha256), _Slot())
            while len(self._slots) > KEPT:
                self._slots.popitem(last=False)
        with slot.lock:
            slot.made = slot.made or perceive(item, media)
            return slot.made
