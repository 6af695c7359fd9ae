"""Boundary measure F: how well the outline of a predicted mask follows the true one.

A boundary is one pixel wide: where a mask differs from itself one pixel to the right, below or both. A boundary pixel is matched if the
other mask has one within ceil(0.008 × diagonal of the picture) pixels, by Euclid. F is the harmonic mean of the matched shares
of both boundaries. Source: Perazzi et al., A Benchmark Dataset and Evaluation Methodology for Video Object Segmentation, CVPR 2016, with
the dilation by a disk of the authors' published evaluation.

One thing is decided otherwise than there: a mask that fills the picture has no boundary, so that against an empty one it scored 1.
Here it is 0 wherever one mask is empty and the other is not, as for J.
"""

from math import ceil, hypot

from egoetl.metrics.regions import Mask, Packed, packed

TOLERANCE = 0.008
"""Of the picture's diagonal."""


def boundary_f(predicted: Mask, reference: Mask) -> float:
    """F of one frame, 0 to 1: 1 where both masks are empty, 0 where one is. Masks are of one size, (height, width) in pixels."""
    return packed_boundary_f(packed(predicted), packed(reference), *reference.shape)


def packed_boundary_f(predicted: Packed, reference: Packed, height: int, width: int) -> float:
    """The same of `packed` masks of that size."""
    from egoetl.metrics.mask_kernels import boundary_counts, disk

    said_any, true_any = bool(predicted.any()), bool(reference.any())
    if not said_any or not true_any:
        return float(said_any == true_any)
    return f_measure(*boundary_counts(predicted, reference, width, *disk(tolerance(height, width))))


def f_measure(said: int, true: int, said_matched: int, true_matched: int) -> float:
    """F from how many pixels the two boundaries have and how many of each are matched."""
    if not said or not true:
        return float(said == true)
    precision, recall = said_matched / said, true_matched / true
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def tolerance(height: int, width: int) -> int:
    """How far, in pixels, a boundary may be off."""
    return ceil(TOLERANCE * hypot(height, width))
