"""How the camera moved between pictures, and where one scene was cut to another."""

from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from egoetl.engines.measured.regions import Pixels, vivid

Transform = NDArray[np.float64]  # 3x3, pixels to pixels

FEWEST_POINTS = 12
# Share of the background's points that must agree on a step, and the share that settles it.
FEWEST_INLIERS, ENOUGH_INLIERS = 0.25, 0.6
# Correlation of brightness histograms below which two pictures that share no background are two scenes.
SAME_SCENE = 0.7


class CameraPath(NamedTuple):
    """`world[i]` takes pixels of picture i to those of the first of its scene; `cuts` are the first pictures of new scenes."""

    world: list[Transform]
    cuts: list[int]


def follow(pictures: list[Pixels], hsv: list[Pixels]) -> CameraPath:
    """The camera's path through RGB pictures, from the background alone. A step that cannot be measured counts as still."""
    grey: list[Pixels] = [cv2.cvtColor(each, cv2.COLOR_RGB2GRAY) for each in pictures]
    path = CameraPath([np.eye(3)], [])
    for i in range(1, len(grey)):
        step = _step(grey[i], grey[i - 1], vivid(hsv[i]))
        before, now = (np.bincount(each.ravel() >> 3, minlength=32) for each in grey[i - 1 : i + 1])
        cut = step is None and float(np.corrcoef(before, now)[0, 1]) < SAME_SCENE
        path.world.append(np.eye(3) if cut else path.world[-1] if step is None else path.world[-1] @ step)
        path.cuts.extend([i] if cut else [])
    return path


def _step(now: Pixels, before: Pixels, things: Pixels) -> Transform | None:
    """Pixels of `now` to pixels of `before`, from optical flow of the background and RANSAC.

    The flow starts from a guess: phase correlation finds a large shift but may be caught by a repeating pattern.
    """
    background = cv2.bitwise_not(cv2.dilate(things, np.ones((9, 9), np.uint8)))
    points: Any = cv2.goodFeaturesToTrack(now, 200, 0.01, 8, mask=background)
    if points is None or len(points) < FEWEST_POINTS:
        return None
    window = cv2.createHanningWindow((now.shape[1], now.shape[0]), cv2.CV_32F)
    shift, _ = cv2.phaseCorrelate(now.astype(np.float32), before.astype(np.float32), window)
    best, share = None, FEWEST_INLIERS
    for guess in (np.asarray(shift), np.zeros(2)):
        matrix, inliers = _flow(now, before, points, guess)
        if inliers > share:
            best, share = matrix, inliers
        if share > ENOUGH_INLIERS:
            break
    return best


def _flow(now: Pixels, before: Pixels, points: Any, guess: NDArray[np.float64]) -> tuple[Transform, float]:
    """The transform and the share of all points that follow it."""
    start = np.asarray(points + guess, np.float32)
    found, seen, _ = cv2.calcOpticalFlowPyrLK(now, before, points, start, flags=cv2.OPTFLOW_USE_INITIAL_FLOW)
    kept = np.asarray(seen).ravel() == 1
    if kept.sum() < FEWEST_POINTS:
        return np.eye(3), 0.0
    fit: Any = cv2.estimateAffinePartial2D(points[kept], np.asarray(found)[kept], ransacReprojThreshold=2.0)
    matrix, inliers = fit
    return (np.eye(3), 0.0) if matrix is None else (np.vstack([matrix, [0.0, 0.0, 1.0]]), float(inliers.sum()) / len(points))
