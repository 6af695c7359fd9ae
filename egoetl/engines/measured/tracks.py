"""Regions followed from picture to picture, and what they do: enter, leave, move."""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from egoetl.algorithms.pairing import closest_pairs
from egoetl.engines.measured.camera import CameraPath
from egoetl.engines.measured.regions import Region, colour_name

# A disc fills pi/4 of the rectangle around it, a box all of it.
BOX_FILL = 0.885
# Pictures that a thing may be hidden for and still be the same thing; farthest it may have gone, in picture widths.
PATIENCE, FARTHEST = 4, 0.4
# Least speed (picture widths a second) and least way (widths) of a movement.
SLOWEST, SHORTEST = 0.04, 0.06

Sighting = tuple[int, Region]  # the number of the picture, and the region in it


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
                ways = ((abs(self._way(old.seen[-1], (i, new))), b, a) for a, old in enumerate(alive) for b, new in enumerate(found))
                known = closest_pairs(ways, FARTHEST)
                for b, a in known.items():
                    alive[a].seen.append((i, found[b]))
                tracks += [Track(hue, [(i, new)]) for b, new in enumerate(found) if b not in known]
        return [each for each in tracks if len(each.seen) > 1]

    def _way(self, before: Sighting, after: Sighting) -> complex:
        """How far a thing went against the background, in picture widths: right + down * 1j."""
        cut = before[1].clipped | after[1].clipped
        start, end = (self._camera.world[i] @ [*_anchor(region, cut), 1.0] for i, region in (before, after))
        return complex(*(end - start)[:2]) / self._width

    def events(self, track: Track) -> list[Event]:
        """What a thing does against the background. What comes or goes because the camera turns does nothing itself."""
        first, last = track.seen[0][0], track.seen[-1][0]
        whole = [i for i, region in track.seen if not region.clipped] or [first, last]
        moves = self._moves(track)
        found = list(moves)
        if moves and moves[0].start_s == self._before(first) and first not in (0, *self._camera.cuts):
            end = min(self._before(max(whole[0], first + 1)), moves[0].end_s)
            found.append(Event(moves[0].start_s, end, track.name, "enters the view"))
        if moves and moves[-1].end_s == self._before(last + 1) and last + 1 not in (len(self._times), *self._camera.cuts):
            start = max(self._before(min(whole[-1] + 1, last)), moves[-1].start_s)
            found.append(Event(start, moves[-1].end_s, track.name, "leaves the view"))
        return found

    def _before(self, i: int) -> float:
        """The middle between picture i and the one before, within the segment."""
        return (self._times[max(i - 1, 0)] + self._times[min(i, len(self._times) - 1)]) / 2

    def _moves(self, track: Track) -> list[Event]:
        runs: list[tuple[int, int, complex]] = []
        for before, after in pairwise(track.seen):
            (i, _), (j, _), way = before, after, self._way(before, after)
            if abs(way) < SLOWEST * (self._times[j] - self._times[i]):
                continue
            if runs and runs[-1][1] == i and (way * runs[-1][2].conjugate()).real > 0:
                runs[-1] = (runs[-1][0], j, runs[-1][2] + way)
            else:
                runs.append((i, j, way))
        return [self._move(track, *run) for run in runs if abs(run[2]) >= SHORTEST]

    def _move(self, track: Track, i: int, j: int, way: complex) -> Event:
        # A thing that moves when first seen began before that; between two sightings the middle is the best guess.
        start = self._before(i if i == track.seen[0][0] else i + 1)
        end = self._before(j + 1) if j == track.seen[-1][0] else self._times[j]
        return Event(start, end, track.name, f"moves {direction(way)}")


def direction(way: complex) -> str:
    """The main direction of right + down * 1j."""
    return ("left", "up", "right", "down")[round(math.atan2(way.imag, way.real) / (math.pi / 2) + 2) % 4]


def _anchor(region: Region, cut: frozenset[str]) -> list[float]:
    # An edge cut off by the picture's says nothing of where the thing is: go by the opposite one.
    sides = (("left", region.left, "right", region.right), ("top", region.top, "bottom", region.bottom))
    return [(low + high) / 2 if (a in cut) == (b in cut) else high if a in cut else low for a, low, b, high in sides]
