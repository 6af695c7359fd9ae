"""J&F of an entry: region similarity and boundary measure over the frames of a video.

J and F are means over the **union of the predicted and the true frames**: a frame that only one side has counts as if the other had an
empty mask there, so that leaving frames out costs what an empty mask costs. J&F is (J + F) / 2. ST-Evidence (EVQA, arXiv
2607.11862) defines entry and mean; its scorer runs over the predicted frames alone.
"""

from collections.abc import Sequence
from statistics import fmean
from typing import NamedTuple, Protocol

import numpy as np

from egoetl.core.errors import DataError
from egoetl.metrics.boundaries import packed_boundary_f
from egoetl.metrics.regions import Mask, packed, packed_region_similarity, same_size


class MaskFolders(Protocol):
    """Folders of masks, one picture a frame: what `egoetl.benchmarks.benchmark.Masks` is, of which metrics know nothing."""

    def frames(self, folder: str) -> Sequence[str] | None:
        """The names of the frames that have a mask; None if there is no such folder."""
        ...

    def mask(self, folder: str, frame: str) -> Mask:
        """The mask of a frame. Raises DataError."""
        ...


class FrameScores(NamedTuple):
    """J and F of one frame, each 0 to 1."""

    j: float
    f: float


class MaskScores(NamedTuple):
    """J and F of one entry, each 0 to 1, and how many frames they are means of.

    Attributes:
        left_out: frames that only the truth has.
        added: frames that only the prediction has.
        resized: frames whose prediction has another size than the truth and was brought to it (`regions.same_size`).
    """

    j: float
    f: float
    frames: int
    left_out: int
    added: int
    resized: int

    @property
    def j_and_f(self) -> float:
        """(J + F) / 2."""
        return (self.j + self.f) / 2


def frame_scores(predicted: Mask, reference: Mask) -> FrameScores:
    """J and F of one frame; a prediction of another size is brought to the reference's."""
    height, width = reference.shape
    said, true = packed(same_size(predicted, height, width)), packed(reference)
    return FrameScores(packed_region_similarity(said, true), packed_boundary_f(said, true, height, width))


def mask_scores(predicted: MaskFolders, predicted_folder: str, reference: MaskFolders, reference_folder: str) -> MaskScores | None:
    """J and F of an entry over the frames of both folders; None where a folder is absent, or neither has a frame.

    A folder that is there without a frame is a prediction of nothing. Raises DataError `mask_unreadable` as the readers do: a
    broken picture is no empty mask.
    """
    said, true = predicted.frames(predicted_folder), reference.frames(reference_folder)
    if said is None or true is None or not {*said, *true}:
        return None
    both, left_out, added = {*said} & {*true}, {*true} - {*said}, {*said} - {*true}
    scores: list[FrameScores] = []
    resized = 0
    for frame in sorted(both):
        ours, theirs = predicted.mask(predicted_folder, frame), reference.mask(reference_folder, frame)
        resized += ours.shape != theirs.shape
        scores.append(frame_scores(ours, theirs))
    scores += [_against_nothing(reference.mask(reference_folder, frame)) for frame in sorted(left_out)]
    scores += [_against_nothing(predicted.mask(predicted_folder, frame)) for frame in sorted(added)]
    means = fmean(each.j for each in scores), fmean(each.f for each in scores)
    return MaskScores(*means, len(scores), len(left_out), len(added), resized)


def legacy_mask_scores(
    predicted: MaskFolders, predicted_folder: str | None, reference: MaskFolders, reference_folder: str
) -> FrameScores | None:
    """J and F of an entry as EVQA's `eval_st_evidence.py` counts them; None where it leaves the entry out of its means.

    Only predicted frames count; a true mask that is absent or unreadable is black, and an unreadable predicted one is passed over. An
    entry without a folder or a frame of predictions is 0, one without a true folder is left out. Raises DataError
    `mask_sizes_differ` where the reference scorer ends without any score of masks.
    """
    true = reference.frames(reference_folder)
    if true is None:
        return None
    said = predicted.frames(predicted_folder) if predicted_folder is not None else None
    if not said:
        return FrameScores(0.0, 0.0)
    scores: list[FrameScores] = []
    for frame in said:
        ours = _readable(predicted, predicted_folder, frame)
        if ours is None:
            continue
        theirs = _readable(reference, reference_folder, frame) if frame in true else None
        scores.append(_legacy_frame(ours, np.zeros_like(ours) if theirs is None else theirs, frame))
    if not scores:
        return None
    return FrameScores(float(np.mean([each.j for each in scores])), float(np.mean([each.f for each in scores])))


def _against_nothing(mask: Mask) -> FrameScores:
    score = float(not mask.any())
    return FrameScores(score, score)


def _readable(masks: MaskFolders, folder: str | None, frame: str) -> Mask | None:
    try:
        return masks.mask(folder or "", frame)
    except DataError:
        return None


def _legacy_frame(predicted: Mask, reference: Mask, frame: str) -> FrameScores:
    if predicted.shape != reference.shape and predicted.any() and reference.any():
        sizes = " and ".join(f"{mask.shape[1]}x{mask.shape[0]}" for mask in (predicted, reference))
        raise DataError(
            f"Frame {frame} has masks of {sizes} pixels, which the reference scorer cannot compare.", reason="mask_sizes_differ"
        )
    return frame_scores(predicted, reference)
