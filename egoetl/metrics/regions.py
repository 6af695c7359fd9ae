"""Region similarity J: intersection over union of two masks (Perazzi et al., A Benchmark Dataset and Evaluation Methodology for Video
Object Segmentation, CVPR 2016)."""

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
"""(height, width), true where the object is."""


Packed = NDArray[np.uint64]
"""(height, words): 64 pixels a word, the leftmost in the lowest bit; bits behind the right edge are 0."""


def region_similarity(predicted: Mask, reference: Mask) -> float:
    """J of one frame, 0 to 1: 1 where both masks are empty, 0 where one is. Masks are of one size (`same_size`)."""
    return packed_region_similarity(packed(predicted), packed(reference))


def packed_region_similarity(predicted: Packed, reference: Packed) -> float:
    """The same of `packed` masks."""
    from egoetl.metrics.mask_kernels import region_counts

    both, either = region_counts(predicted, reference)
    return both / either if either else 1.0


def packed(mask: Mask) -> Packed:
    """A mask as it is compared: an eighth of the memory, and 64 pixels at once."""
    height, width = mask.shape
    whole = np.zeros((height, -(-width // 64) * 8), dtype=np.uint8)
    whole[:, : -(-width // 8)] = np.packbits(mask, axis=1, bitorder="little")
    return whole.view("<u8")


def same_size(mask: Mask, height: int, width: int) -> Mask:
    """The mask at another size, each pixel that of the nearest centre; the mask itself where it has that size.

    Models predict masks at sizes of their own, and a reference scorer that compares arrays of two sizes ends there.
    """
    if mask.shape == (height, width):
        return mask
    rows, columns = (_nearest(have, want) for have, want in zip(mask.shape, (height, width), strict=True))
    return mask[rows[:, None], columns[None, :]]


def _nearest(have: int, want: int) -> NDArray[np.int64]:
    """For each of `want` equal parts of a side, which of `have` its centre lies in."""
    return (2 * np.arange(want, dtype=np.int64) + 1) * have // (2 * want)
