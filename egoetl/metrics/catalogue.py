"""What every metric is, in a line each: docs/metrics.md shows it."""

from typing import NamedTuple


class Described(NamedTuple):
    """One metric.

    Attributes:
        names: as reports have them, `tiou_at_0_3`; of a family its pattern, `tiou_at_<x>`. None where no benchmark reports it.
        title: as people call it.
        definition: what it is, in a sentence or two.
        values: the range of a value, before it is shown as a percentage.
        module: the file below egoetl/metrics.
        source: where the definition is from, if others have defined it.
        legacy: what the reference scorer does otherwise, if there is one and it does.
    """

    names: tuple[str, ...]
    title: str
    definition: str
    values: str
    module: str
    source: str = ""
    legacy: str = ""


_EVQA = "ST-Evidence (EVQA), arXiv 2607.11862"
_DAVIS = "Perazzi et al., CVPR 2016 (DAVIS)"
_MIR = "Damen et al., IJCV 2022; Wray et al., ICCV 2019"

CHOICES = (
    Described(
        names=("accuracy",), title="Accuracy", values="0 or 1", module="option_choice.py",
        definition="Whether the chosen option is the right one. The option is read only where a text puts its choice.",
        legacy="EVQA reads the first of a to e in any word, and takes the article `a` for an option.",
    ),
    Described(
        names=("accuracy_mean_of_tasks",), title="Accuracy, mean of tasks", values="0 to 1 over all", module="accuracy.py",
        definition="The mean of the tasks' accuracies: each task counts the same.",
        source=_EVQA,
    ),
    Described(
        names=("says_unanswerable",), title="Says Unanswerable", values="0 or 1", module="accuracy.py",
        definition="Whether a model says that a question cannot be answered: how often it gives up.",
        source="EgoTextVQA",
    ),
    Described(
        names=("accuracy",), title="Yes or no", values="0 or 1", module="yes_no.py",
        definition="Whether the verdict of a free text is the right one.",
        source="EgoAVU-Bench, task AVH",
    ),
    Described(
        names=(), title="Choice by likelihood", values="0 or 1", module="likelihood_choice.py",
        definition="The candidate that a model finds likeliest, by the mean log-probability of its tokens.",
        source="EgoPlan",
    ),
)  # fmt: skip

TEXTS = (
    Described(
        names=("meteor_1_5",), title="METEOR 1.5", values="0 to 1", module="meteor/meteor_1_5.py",
        definition="Words aligned by form, stem, synonym and paraphrase, weighted, with a penalty on the number of chunks.",
        source="Denkowski and Lavie, WMT 2014",
        legacy="EgoAVU scores texts that no tokenizer has seen.",
    ),
    Described(
        names=(), title="METEOR of NLTK", values="0 to 1", module="meteor_nltk.py",
        definition="METEOR with other parameters, stems and synonyms: never to be compared with METEOR 1.5.",
        source="Lavie and Agarwal, WMT 2007",
    ),
    Described(
        names=("rouge_l",), title="ROUGE-L", values="0 to 1", module="rouge_l.py",
        definition="The harmonic mean of the shares of both texts' words that are one common subsequence.",
        source="Lin, 2004",
        legacy="EgoAVU scores texts that no tokenizer has seen, weighs recall, and leaves out empty ones.",
    ),
    Described(
        names=("cider",), title="CIDEr-D", values="0 to 10", module="cider.py",
        definition="How alike two texts are in runs of one to four words, weighted by how rare each is in the task's corpus.",
        source="Vedantam et al., CVPR 2015",
        legacy="EgoAVU takes each pair for a corpus of its own: always 0.",
    ),
    Described(
        names=("exact_match",), title="Equal words", values="0 or 1", module="accuracy.py",
        definition="Whether an answer has the words of the reference, in order, and no others.",
    ),
)  # fmt: skip

JUDGED = (
    Described(
        names=("judge_1_5", "judge_0_5"), title="Judges' scores", values="the rubric's scale", module="judge_scores.py",
        definition="The mean of the judges' scores on the rubric's scale.",
        legacy="EgoAVU drops replies that it cannot read; EgoTextVQA counts a failed call as 0.",
    ),
    Described(
        names=("judge_yes",), title="Judges' yes", values="0 to 1", module="judge_scores.py",
        definition="The share of the judges who say that an answer is right.",
        legacy="EgoTextVQA counts a failed call as no.",
    ),
)  # fmt: skip

EVIDENCE = (
    Described(
        names=("miou", "tiou_at_<x>"), title="Temporal IoU, TIoU@x", values="0 to 1", module="temporal.py",
        definition="Seconds that both spans, merged first, share, of those that either has. `_at_`: whether that is x or more.",
        source=_EVQA,
        legacy="EVQA adds up the overlaps of all pairs: above 1 where segments overlap.",
    ),
    Described(
        names=("miop", "tiop_at_<x>"), title="Temporal IoP, TIoP@x", values="0 to 1", module="temporal.py",
        definition="Seconds that both share, of the predicted ones. `_at_`: whether it is x or more.",
        source=_EVQA,
        legacy="As for IoU.",
    ),
    Described(
        names=("t_mean",), title="t-mean", values="0 to 1", module="temporal.py",
        definition="(IoU + IoP) / 2 of an entry.",
        source=_EVQA,
        legacy="As for IoU.",
    ),
    Described(
        names=("j",), title="Region similarity J", values="0 to 1", module="regions.py",
        definition="Pixels that the predicted and the true mask share, of those that either has; mean over the union of their frames.",
        source=_DAVIS,
        legacy="EVQA's mean is over the predicted frames.",
    ),
    Described(
        names=("f",), title="Boundary measure F", values="0 to 1", module="boundaries.py",
        definition="The harmonic mean of the shares of both boundaries that lie near the other, within 0.008 of the diagonal.",
        source=_DAVIS,
        legacy="As for J.",
    ),
    Described(
        names=("j_and_f",), title="J&F", values="0 to 1", module="j_and_f.py",
        definition="(J + F) / 2 of an entry.",
        source=_EVQA,
        legacy="As for J.",
    ),
    Described(
        names=("joint", "joint_at_<x>", "joint_with_masks"), title="Answer and evidence together", values="0 to 1", module="joint.py",
        definition="The answer, 0 or 1, times t-mean, and with masks times J&F. At x: whether it is right and each part x or more.",
        source="ours; EVQA reports them apart",
    ),
)  # fmt: skip

RANKED = (
    Described(
        names=(), title="mAP over classes", values="0 to 1", module="average_precision.py",
        definition="The mean precision at each positive, equal scores being one step; the mean over the classes that have one.",
        source="Sigurdsson et al., ECCV 2016 (Charades)",
        legacy="EgoVLP's helper gives NaN as soon as a class has no positive.",
    ),
    Described(
        names=(), title="EK-100 retrieval mAP", values="0 to 1", module="retrieval.py",
        definition="The mean precision at each item of relevance 1, over all queries; the mean of video to text and text to video.",
        source=_MIR,
        legacy="The published evaluation adds up fractional relevance.",
    ),
    Described(
        names=(), title="EK-100 retrieval nDCG", values="0 to 1", module="retrieval.py",
        definition="Relevance discounted by rank over the first k, k being the number of relevant items, of the best that could be.",
        source=_MIR,
    ),
)  # fmt: skip

SECTIONS = {"Choices": CHOICES, "Texts": TEXTS, "Judges": JUDGED, "Evidence": EVIDENCE, "Rankings": RANKED}
