"""How many tokens Qwen2.5-Omni and Qwen2.5-VL make of pictures. Tested equal to the processors of transformers 5.19."""

import math
from typing import NamedTuple

PATCH = 14
MERGE = 2
FACTOR = PATCH * MERGE
"""Side of the square of pixels that becomes one token."""
TEMPORAL_PATCH = 2
"""Pictures of a video that become one layer of tokens."""
MOST_STRETCHED = 200


class Size(NamedTuple):
    """Pixels."""

    width: int
    height: int


def smart_resize(width: int, height: int, min_pixels: int, max_pixels: int) -> Size:
    """The size to which the processor scales a picture: sides that are multiples of 28, the shape nearly kept.

    Source: `smart_resize` of transformers' models/qwen2_vl/video_processing_qwen2_vl.py (the same for images). Sides are rounded
    half to even, as there. A size that this gives is left as it is when it is given again with limits that hold it.

    Raises ValueError for a picture more than 200 times as long as it is wide, which the processor refuses as well.
    """
    if max(width, height) > MOST_STRETCHED * min(width, height):
        raise ValueError(f"a picture of {width} by {height} pixels is stretched too far")
    across, down = (round(side / FACTOR) * FACTOR for side in (width, height))
    if across * down > max_pixels:
        shrink = math.sqrt(width * height / max_pixels)
        across, down = (max(FACTOR, math.floor(side / shrink / FACTOR) * FACTOR) for side in (width, height))
    elif across * down < min_pixels:
        grow = math.sqrt(min_pixels / (width * height))
        across, down = (math.ceil(side * grow / FACTOR) * FACTOR for side in (width, height))
    return Size(across, down)


def image_tokens(size: Size) -> int:
    """Tokens of one picture whose sides are multiples of 28, without markers: one for each 28 by 28 pixels.

    Source: `get_number_of_image_patches` of transformers' models/qwen2_vl/image_processing_qwen2_vl.py, over the merge size squared.
    """
    return (size.width // FACTOR) * (size.height // FACTOR)


def video_layers(pictures: int) -> int:
    """Layers of tokens of a video: one for each two pictures, the last one repeated where they are odd.

    Source: `patchify` of transformers' models/qwen2_vl/video_processing_qwen2_vl.py.
    """
    return -(-pictures // TEMPORAL_PATCH)


def video_tokens(pictures: int, size: Size) -> int:
    """Tokens of a video whose sides are multiples of 28, without markers."""
    return video_layers(pictures) * image_tokens(size)
