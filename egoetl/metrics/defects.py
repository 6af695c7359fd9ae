"""Known defects of the reference scorers, and the tests that hold them: what docs/metrics.md shows as a table."""

from typing import NamedTuple


class Defect(NamedTuple):
    """One defect of a published scorer.

    Attributes:
        system: EgoAVU, EgoTextVQA, EVQA ...
        where: the file or the function of it.
        defect: what it does.
        ours: what egoetl does instead.
        legacy: what egoetl prints as legacy, or that it prints none.
        test: `path::function` of the test that shows both, or of one for each, parted by a space.
    """

    system: str
    where: str
    defect: str
    ours: str
    legacy: str
    test: str


_EVIDENCE = "tests/unit/metrics/defects/test_evidence.py"

DEFECTS: tuple[Defect, ...] = (
    Defect(
        "EVQA",
        "`eval_st_evidence.py`, temporal IoU",
        "Overlaps of all pairs of segments are added up: a perfect segment given twice has an IoU of 2.0.",
        "Spans are merged first; IoU is 1.0 and cannot exceed it.",
        "2.0",
        f"{_EVIDENCE}::test_a_segment_given_twice",
    ),
    Defect(
        "EVQA",
        "`eval_st_evidence.py`, temporal IoU and IoP",
        "Where true segments overlap, a perfect prediction can make the denominator 0: IoU is 0.0 and IoP 2.0.",
        "Spans are merged first; both are 1.0.",
        "0.0 and 2.0",
        f"{_EVIDENCE}::test_true_segments_that_overlap",
    ),
    Defect(
        "EVQA",
        "`eval_st_evidence.py`, J and F",
        "Only frames that were predicted count: one perfect mask of a hundred frames scores 1.0.",
        "The union of predicted and true frames counts: 0.01.",
        "1.0",
        f"{_EVIDENCE}::test_frames_that_were_left_out",
    ),
    Defect(
        "EVQA",
        "`eval_st_evidence.py`, J and F",
        "A predicted mask that cannot be read is passed over, and an entry of nothing else left out of the mean.",
        "Scoring ends with DataError `mask_unreadable`, which names the file: a broken mask is no empty one.",
        "The mean over the readable frames.",
        f"{_EVIDENCE}::test_a_mask_that_cannot_be_read",
    ),
    Defect(
        "EVQA",
        "`eval_st_evidence.py`, J and F",
        "One predicted mask of another size than the truth ends the scoring of all masks.",
        "It is brought to the size of the truth, by nearest neighbour, and counted as resized.",
        "None: DataError `mask_sizes_differ`.",
        f"{_EVIDENCE}::test_masks_of_two_sizes",
    ),
    Defect(
        "EVQA",
        "`eval_st_evidence.py`",
        "Answer and evidence are reported apart, although the paper asks for answers that are right for the right reason.",
        "`joint@0.3`, `joint@0.5` and `joint`, beside the separate scores.",
        "None: the scorer has no such score.",
        f"{_EVIDENCE}::test_right_answer_and_evidence_on_different_halves",
    ),
    Defect(
        "DAVIS",
        "boundary measure F",
        "A mask that fills the picture has no boundary, so that against an empty one F is 1.0.",
        "F is 0.0 wherever one mask is empty and the other is not.",
        "None: EVQA's F has the same exception.",
        f"{_EVIDENCE}::test_a_full_mask_against_an_empty_one",
    ),
    Defect(
        "EgoVLP",
        "Charades mAP",
        "A class without a positive makes the mean NaN.",
        "The mean is over the classes that have a positive.",
        "NaN",
        f"{_EVIDENCE}::test_a_class_without_a_positive",
    ),
    Defect(
        "EgoVLP",
        "Charades mAP",
        "Equal scores rank in the order of an unstable sort: a constant score earns what the order of the file gives it.",
        "Equal scores are one step: a constant score earns the share of positives.",
        "What NumPy's sort gives.",
        f"{_EVIDENCE}::test_equal_scores_in_another_order",
    ),
    Defect(
        "JPoSE (EPIC-Kitchens-100)",
        "`src/evaluation/mAP.py`",
        "Precision adds up fractional relevance: an item of relevance 0.5 ahead of the right one raises AP from 0.5 to 0.75.",
        "Precision counts items of relevance 1, as the formula in the code's own comment does.",
        "0.75",
        f"{_EVIDENCE}::test_half_relevant_items_ahead_of_the_right_one",
    ),
    Defect(
        "JPoSE (EPIC-Kitchens-100)",
        "`src/evaluation/mAP.py`",
        "A query without an item of relevance 1 makes the mean NaN.",
        "It has no AP, and the mean is over the others.",
        "NaN",
        f"{_EVIDENCE}::test_a_query_without_a_right_item",
    ),
)
