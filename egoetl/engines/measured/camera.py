"""How the camera moved between pictures, and where one scene was cut to another."""

from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from egoetl.engines.measured.regions import Pixels, vivid

FEWEST_POINTS = 12
FEWEST_INLIERS = 0.4
# Correlation of brightness histograms below which two pictures that share no background are two scenes.
SAME_SCENE = 0.7


class CameraPath(NamedTuple):
    """`world[i]` (3x3) takes pixels of picture i to those of the first of its scene; `cuts` are the first pictures of new scenes."""

    world: list[NDArray[np.float64]]
    cuts: list[int]


def follow(pictures: list[Pixels], hsv: list[Pixels]) -> CameraPath:
    """The camera's path through RGB pictures, from the background alone. A step that cannot be measured counts as still."""
    grey: list[Pixels] = [cv2.cvtColor(each, cv2.COLOR_RGB2GRAY) for each in pictures]
    path = CameraPath([np.eye(3)], [])
    for i in range(1, len(grey)):
        back = _step(grey[i], grey[i - 1], vivid(hsv[i]))
        if back is None and _likeness(grey[i - 1], grey[i]) < SAME_SCENE:
            path.cuts.append(i)
            path.world.append(np.eye(3))
        else:
            path.world.append(path.world[-1] if back is None else path.world[-1] @ back)
    return path


def _step(now: Pixels, before: Pixels, things: Pixels) -> NDArray[np.float64] | None:
    """Pixels of `now` to pixels of `before`: shift by phase correlation, refined by optical flow of the background and RANSAC."""
    background = cv2.bitwise_not(cv2.dilate(things, np.ones((9, 9), np.uint8)))
    points: Any = cv2.goodFeaturesToTrack(now, 200, 0.01, 8, mask=background)
    if points is None or len(points) < FEWEST_POINTS:
        return None
    window = cv2.createHanningWindow((now.shape[1], now.shape[0]), cv2.CV_32F)
    shift, _ = cv2.phaseCorrelate(now.astype(np.float32), before.astype(np.float32), window)
    guess = np.asarray(points + np.asarray(shift), np.float32)
    found, seen, _ = cv2.calcOpticalFlowPyrLK(now, before, points, guess, flags=cv2.OPTFLOW_USE_INITIAL_FLOW)
    kept = np.asarray(seen).ravel() == 1
    if kept.sum() < FEWEST_POINTS:
        return None
    fit: Any = cv2.estimateAffinePartial2D(points[kept], np.asarray(found)[kept], ransacReprojThreshold=2.0)
    matrix, inliers = fit
    return None if matrix is None or inliers.mean() < FEWEST_INLIERS else np.vstack([matrix, [0.0, 0.0, 1.0]])


def _likeness(one: Pixels, other: Pixels) -> float:
    counts: list[Pixels] = [cv2.calcHist([each], [0], None, [32], [0, 256]) for each in (one, other)]
    return cv2.compareHist(counts[0], counts[1], cv2.HISTCMP_CORREL)
