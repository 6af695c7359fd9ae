"""Regions followed from picture to picture, and what they do: enter, leave, move."""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from egoetl.engines.measured.camera import CameraPath
from egoetl.engines.measured.regions import Region, colour_name

# A disc fills pi/4 of the rectangle around it, a box all of it.
BOX_FILL = 0.885
# Pictures that a thing may be hidden for and still be the same thing; farthest it may have gone, in picture widths.
PATIENCE, FARTHEST = 4, 0.4
# Least speed (picture widths a second) and least way (widths) of a movement.
SLOWEST, SHORTEST = 0.04, 0.06

Sighting = tuple[int, Region]
"""Number of the picture, and the region in it."""


class Event(NamedTuple):
    """What a thing does, in seconds from the segment's start."""

    start_s: float
    end_s: float
    object: str
    action: str


@dataclass
class Track:
    """One thing, and where it was in which picture."""

    hue: int
    seen: list[Sighting]

    @property
    def name(self) -> str:
        """Colour and shape, `red ball`; pictures that show the whole thing decide its shape."""
        fills = [each.fill for _, each in self.seen if not each.clipped] or [each.fill for _, each in self.seen]
        return f"{colour_name(self.hue)} {'box' if np.median(fills) > BOX_FILL else 'ball'}"


class Tracker:
    """Follows regions against the background. `times` are the pictures' seconds, `width` theirs in pixels."""

    def __init__(self, camera: CameraPath, times: list[float], width: int) -> None:
        self._camera, self._times, self._width = camera, times, width

    def follow(self, pictures: list[dict[int, list[Region]]]) -> list[Track]:
        """Join the regions of each hue into tracks. One seen in a single picture is noise and left out."""
        tracks: list[Track] = []
        for i, regions in enumerate(pictures):
            oldest = max([i - 1 - PATIENCE, *(cut for cut in self._camera.cuts if cut <= i)])
            for hue, found in regions.items():
                alive = [each for each in tracks if each.hue == hue and each.seen[-1][0] >= oldest]
                tracks += [Track(hue, [each]) for each in self._extend(alive, [(i, region) for region in found])]
        return [each for each in tracks if len(each.seen) > 1]

    def _extend(self, tracks: list[Track], found: list[Sighting]) -> list[Sighting]:
        """Give each track the sighting closest to where it was; the sightings left over are returned."""
        ways = ((abs(self._way(track.seen[-1], each)), a, b) for a, track in enumerate(tracks) for b, each in enumerate(found))
        taken: dict[int, int] = {}
        for way, a, b in sorted(ways):
            if way <= FARTHEST and a not in taken and b not in taken.values():
                taken[a] = b
        for a, b in taken.items():
            tracks[a].seen.append(found[b])
        return [each for b, each in enumerate(found) if b not in taken.values()]

    def _way(self, before: Sighting, after: Sighting) -> complex:
        """How far a thing went against the background, in picture widths: right + down * 1j."""
        cut = before[1].clipped | after[1].clipped
        start, end = (self._camera.world[i] @ [*_anchor(region, cut), 1.0] for i, region in (before, after))
        return complex(*(end - start)[:2]) / self._width

    def events(self, track: Track) -> list[Event]:
        """What a thing does against the background."""
        first, last = track.seen[0][0], track.seen[-1][0]
        whole = [i for i, region in track.seen if not region.clipped] or [first, last]
        begin, end = self._before(first), self._before(min(last + 1, len(self._times) - 1))
        moves = self._moves(track)
        found = list(moves)
        # What comes into view or goes because the camera turns does nothing itself.
        if first > 0 and moves and moves[0].start_s == begin:
            seen_whole = self._before(max(whole[0], first + 1))
            found.append(Event(begin, min(seen_whole, moves[0].end_s), track.name, "enters the view"))
        if last < len(self._times) - 1 and moves and moves[-1].end_s == end:
            cut_off = self._before(min(whole[-1] + 1, last))
            found.append(Event(max(cut_off, moves[-1].start_s), end, track.name, "leaves the view"))
        return found

    def _before(self, i: int) -> float:
        """The middle between picture i and the one before; what is under way in the first picture began before it."""
        return (self._times[max(i - 1, 0)] + self._times[i]) / 2

    def _moves(self, track: Track) -> list[Event]:
        found: list[Event] = []
        run: list[int] = []
        total = 0j
        for before, after in pairwise(track.seen):
            way = self._way(before, after)
            fast = abs(way) >= SLOWEST * (self._times[after[0]] - self._times[before[0]])
            if not fast or (way * total.conjugate()).real < 0:
                found += self._move(track, run, total)
                run, total = [], 0j
            if fast:
                run, total = [*run, before[0], after[0]], total + way
        return found + self._move(track, run, total)

    def _move(self, track: Track, run: list[int], total: complex) -> list[Event]:
        if abs(total) < SHORTEST:
            return []
        comes, goes = run[0] == track.seen[0][0], run[-1] == track.seen[-1][0] < len(self._times) - 1
        start = self._before(run[0] if comes else run[0] + 1)
        end = self._before(run[-1] + 1) if goes else self._times[run[-1]]
        return [Event(start, end, track.name, f"moves {direction(total)}")]


def direction(way: complex) -> str:
    """The main direction of right + down * 1j."""
    return ("left", "up", "right", "down")[round(math.atan2(way.imag, way.real) / (math.pi / 2) + 2) % 4]


def _anchor(region: Region, cut: frozenset[str]) -> tuple[float, float]:
    return _middle(region.left, region.right, "left" in cut, "right" in cut), _middle(
        region.top, region.bottom, "top" in cut, "bottom" in cut
    )


def _middle(low: float, high: float, low_cut: bool, high_cut: bool) -> float:
    # An edge cut off by the picture's says nothing of where the thing is: go by the opposite one.
    return (low + high) / 2 if low_cut == high_cut else high if low_cut else low
