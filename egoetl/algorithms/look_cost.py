"""What a segment costs a model that looks at it: pictures, pixels and tokens."""

import math
from typing import NamedTuple

from egoetl.algorithms.picture_tokens import Size, image_tokens, smart_resize, video_tokens
from egoetl.algorithms.sampling import sampling_grid
from egoetl.algorithms.sound_tokens import sound_tokens
from egoetl.core.models import FramePolicy

SOUND_HZ = 16_000
"""The rate of all sound that a build keeps, and that the models want."""
MARKERS = 2
"""Tokens around each picture, video and sound."""


class LookCost(NamedTuple):
    """Of one segment. Tokens count the markers around them; they are None for a model whose processor is not known."""

    pictures: int
    size: Size
    picture_tokens: int | None
    sound_tokens: int | None

    @property
    def pixels(self) -> int:
        """Pixels of all pictures."""
        return self.pictures * self.size.width * self.size.height

    @property
    def tokens(self) -> int | None:
        """All of the segment's tokens in a prompt: what a server counts more than without media."""
        return None if self.picture_tokens is None or self.sound_tokens is None else self.picture_tokens + self.sound_tokens


def segment_cost(look: FramePolicy, width: int, height: int, duration_ms: int, *, has_sound: bool) -> LookCost:
    """What `look` shows of a segment of that length whose sampled pictures have that size, and how many tokens it is."""
    instants = len(sampling_grid(0, duration_ms, look.fps))
    pictures = math.ceil(instants / math.ceil(instants / look.max_frames))
    size = shown_size(look, width, height)
    if look.processor is None:
        return LookCost(pictures, size, None, None)
    samples = heard_samples(look, duration_ms, has_sound=has_sound)
    seen = pictures * (image_tokens(size) + MARKERS) if look.pictures == "images" else video_tokens(pictures, size) + MARKERS
    return LookCost(pictures, size, seen, sound_tokens(samples) + MARKERS if samples else 0)


def shown_size(look: FramePolicy, width: int, height: int) -> Size:
    """The size in which pictures are sent: for a known processor the one that it leaves as it is, else only ever smaller."""
    if look.processor is not None:
        return smart_resize(width, height, look.min_pixels, look.max_pixels)
    scale = min(1.0, math.sqrt(look.max_pixels / (width * height)))
    return Size(max(2, int(width * scale / 2) * 2), max(2, int(height * scale / 2) * 2))


def heard_samples(look: FramePolicy, duration_ms: int, *, has_sound: bool) -> int:
    """Samples of sound that go along: none for a model that is given none, a silent source, or what is too short for one token."""
    samples = round(duration_ms * SOUND_HZ / 1000)
    return samples if look.sound != "none" and has_sound and sound_tokens(samples) else 0
