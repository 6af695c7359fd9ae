"""J&F of a frame at 480p, against OpenCV's dilation by a disk: `rows()` for bench/metrics.py.

The anchor is the published algorithm as it is mostly run: NumPy for regions and boundaries, `cv2.dilate` with a disk for the tolerance.
Ours is what scoring a benchmark calls. Both score the same frames in turn, in CPU seconds, after it was made sure that their J and F
are equal within 1e-12; that also has the kernels compiled, which is not measured.
"""

import time
from collections.abc import Callable, Sequence
from math import ceil
from statistics import median

import cv2
import numpy as np
from ratio_table import Row

from egoetl.metrics.j_and_f import frame_scores
from egoetl.metrics.regions import Mask

HEIGHT, WIDTH = 480, 854
EQUAL = 1e-12
TARGET = 15
Pair = tuple[Mask, Mask]


def rows(*, quick: bool = False) -> Sequence[Row]:
    """Frames a CPU second, and those of them on which both agree."""
    pairs = frames(4 if quick else 60)
    same = sum(_same(pair) for pair in pairs)
    if same < len(pairs):
        raise AssertionError(f"J or F differ by more than {EQUAL} on {len(pairs) - same} of {len(pairs)} frames")
    spent = [(_cpu_seconds(frame_scores, pairs), _cpu_seconds(reference, pairs)) for _ in range(1 if quick else 7)]
    ours, anchor = (len(pairs) / median(column) for column in zip(*spent, strict=True))
    name = f"J&F of a frame, {WIDTH} by {HEIGHT}"
    return [
        Row(name, ours, anchor, "frames/CPU s", "cv2.dilate and NumPy", TARGET, "at least"),
        Row("J and F, equal within 1e-12", same, len(pairs), "frames", "cv2.dilate and NumPy", 1, "at least"),
    ]


def frames(count: int) -> list[Pair]:
    """Predicted and true masks: of one to three things, a tenth of the width or a third, that the prediction has a little elsewhere."""
    random = np.random.default_rng(480)
    made: list[Pair] = []
    for number in range(count):
        true, said = np.zeros((HEIGHT, WIDTH), np.uint8), np.zeros((HEIGHT, WIDTH), np.uint8)
        for _ in range(1 + number % 3):
            centre, axes = random.integers((0, 0), (WIDTH, HEIGHT)), random.integers(WIDTH // 20, WIDTH // 6, 2)
            angle, off, wider = float(random.integers(180)), random.integers(-12, 13, 2), random.integers(-6, 7, 2)
            for mask, at, size in ((true, centre, axes), (said, centre + off, axes + wider)):
                cv2.ellipse(mask, (int(at[0]), int(at[1])), (int(size[0]), int(size[1])), angle, 0, 360, 1, -1)
        made.append((said.astype(np.bool_), true.astype(np.bool_)))
    return made


def reference(predicted: Mask, reference: Mask) -> tuple[float, float]:
    """J and F by the published algorithm."""
    either = np.sum(predicted | reference)
    j = float(np.sum(predicted & reference) / either) if either else 1.0
    if not predicted.any() or not reference.any():
        return j, float(predicted.any() == reference.any())
    said, true = outline(predicted), outline(reference)
    n_said, n_true = np.sum(said), np.sum(true)
    if not n_said or not n_true:
        return j, float(n_said == n_true)
    kernel = disk(ceil(0.008 * np.linalg.norm(reference.shape)))
    precision = np.sum(said * cv2.dilate(true.astype(np.uint8), kernel)) / n_said
    recall = np.sum(true * cv2.dilate(said.astype(np.uint8), kernel)) / n_true
    return j, float(2 * precision * recall / (precision + recall)) if precision + recall else 0.0


def outline(mask: Mask) -> Mask:
    """A boundary one pixel wide: where a mask differs from itself one pixel to the right, below, or both."""
    right, below, across = np.zeros_like(mask), np.zeros_like(mask), np.zeros_like(mask)
    right[:, :-1], below[:-1], across[:-1, :-1] = mask[:, 1:], mask[1:], mask[1:, 1:]
    found = (mask ^ right) | (mask ^ below) | (mask ^ across)
    found[-1], found[:, -1] = mask[-1] ^ right[-1], mask[:, -1] ^ below[:, -1]
    found[-1, -1] = False
    return found


def disk(radius: int) -> np.ndarray:
    """A disk's pixels as the kernel of a dilation."""
    rows, columns = np.ogrid[-radius : radius + 1, -radius : radius + 1]
    return (rows**2 + columns**2 <= radius**2).astype(np.uint8)


def _same(pair: Pair) -> bool:
    return bool(np.allclose(frame_scores(*pair), reference(*pair), rtol=0, atol=EQUAL))


def _cpu_seconds(score: Callable[[Mask, Mask], object], pairs: Sequence[Pair]) -> float:
    before = time.process_time()
    for predicted, true in pairs:
        score(predicted, true)
    return time.process_time() - before
