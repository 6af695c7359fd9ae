"""J, F and J&F of ST-Evidence's generation part, where there are masks of the benchmark and of a prediction.

What compares masks is loaded when there are some.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from egoetl.benchmarks.benchmark import Masks, Scoring
from egoetl.benchmarks.measuring import means
from egoetl.core.errors import DataError
from egoetl.core.evaluation import Answered, Measure

if TYPE_CHECKING:
    from egoetl.metrics.j_and_f import FrameScores, MaskScores

SCALE = 100.0
MASKS_BELOW = "masks"
"""Where the masks of an entry lie in what EVQA's segmentation writes: `<entry>/masks/%05d.png`."""
NO_REFERENCE = "no masks of the benchmark were given, so that J and F could not be taken."
NO_PREDICTION = (
    "no predicted masks were given, so that J and F could not be taken; a segmentation model draws them from the referring expressions."
)
WHY = (
    "the reference scorer looks at the predicted frames alone, so that frames which a prediction leaves out cost nothing, and counts an"
    " entry without predicted masks as 0."
)
_PARTS: tuple[tuple[str, Callable[[float, float], float]], ...] = (
    ("j", lambda j, _: j),
    ("f", lambda _, f: f),
    ("j_and_f", lambda j, f: (j + f) / 2),
)


class EntryMasks(NamedTuple):
    """J and F of an entry: ours, None where no masks were predicted, and the reference scorer's, None where it leaves the entry out."""

    ours: "MaskScores | None" = None
    legacy: "FrameScores | None" = None
    legacy_ends: bool = False
    """The reference scorer would end here, without any score of masks."""


def entry_masks(answered: Sequence[Answered], scoring: Scoring) -> dict[str, EntryMasks]:
    """By question id, for those questions that the benchmark has masks of; without values where no masks were predicted.

    Where no masks of the benchmark are given, all questions count that should have some. Raises DataError `mask_unreadable`.
    """
    found: dict[str, EntryMasks] = {}
    for each in answered:
        folder, reference, predicted = each.question.reference.masks, scoring.reference_masks, scoring.predicted_masks
        if folder is None or (reference is not None and reference.frames(folder) is None):
            continue
        given = None if reference is None or predicted is None else (reference, predicted)
        found[each.question.question_id] = _scored(each, folder, *given) if given else EntryMasks()
    return found


def mask_measures(answered: Sequence[Answered], masks: Mapping[str, EntryMasks], scoring: Scoring) -> Iterator[Measure]:
    """J, F and J&F over those questions; without values, and with a note that says why, where masks were not given."""
    note = NO_REFERENCE if scoring.reference_masks is None else NO_PREDICTION if scoring.predicted_masks is None else ""
    comparable = not note and not any(each.legacy_ends for each in masks.values())
    for name, part in _PARTS:
        legacy = means(answered, lambda each, part=part: _legacy(masks, each, part)) if comparable else {}
        values = {entry: part(each.ours.j, each.ours.f) if each.ours else None for entry, each in masks.items()}
        yield Measure(name=name, values=values, legacy=legacy, scale=SCALE, why_legacy=WHY, note=note)


def _scored(each: Answered, folder: str, reference: Masks, predicted: Masks) -> EntryMasks:
    from egoetl.metrics.j_and_f import legacy_mask_scores, mask_scores

    own = next((name for name in _folders(each) if predicted.frames(name) is not None), None)
    ours = None if own is None else mask_scores(predicted, own, reference, folder)
    try:
        return EntryMasks(ours, legacy_mask_scores(predicted, own, reference, folder))
    except DataError as error:
        if error.reason != "mask_sizes_differ":
            raise
        return EntryMasks(ours, legacy_ends=True)


def _folders(each: Answered) -> Iterator[str]:
    """Where an entry's predicted masks may lie: where its answer says, within the root, or under its id."""
    said = each.parsed.masks if each.parsed else None
    for name in (said, each.question.question_id):
        path = PurePosixPath(name or "/")
        if not path.is_absolute() and ".." not in path.parts:
            yield from (str(path), str(path / MASKS_BELOW))


def _legacy(masks: Mapping[str, EntryMasks], each: Answered, part: Callable[[float, float], float]) -> float | None:
    scores = masks.get(each.question.question_id, EntryMasks()).legacy
    return None if scores is None else part(scores.j, scores.f)
