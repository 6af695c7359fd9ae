"""Known defects of how EVQA runs and scores ST-Evidence as a whole: ours is right, and `legacy` is what its scorer prints.

What single metrics do otherwise is tested beside them (`test_temporal`, `test_letters` ...).
"""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pytest
from benchmark_fixtures import FIXTURES
from hypothesis import given, settings
from hypothesis import strategies as st

from egoetl.benchmarks.answering import read_answer
from egoetl.benchmarks.benchmark import Scoring
from egoetl.benchmarks.st_evidence_gen.benchmark import ST_EVIDENCE_GEN
from egoetl.benchmarks.st_evidence_mcq.benchmark import ST_EVIDENCE_MCQ
from egoetl.benchmarks.st_evidence_mcq.loading import FILE
from egoetl.core.evaluation import Answered, Measure, Question, Reference
from egoetl.testing.benchmark_data import FolderData

CANDIDATES = ("in the cup", "on the sill", "in the cup", "a dog has it")
TIMES = st.integers(0, 40).map(lambda tenths: tenths / 4)
SEGMENTS = st.lists(st.tuples(TIMES, TIMES), max_size=4)


class Entry(NamedTuple):
    """An entry: which candidate is right, in which seconds, and what was predicted; None: no prediction."""

    right: int
    truth: list[tuple[float, float]]
    predicted: tuple[str | None, list[tuple[float, float]] | None] | None


ENTRIES = st.lists(
    st.builds(
        Entry,
        st.integers(0, 3),
        st.lists(st.tuples(TIMES, TIMES).map(lambda pair: (min(pair), max(pair) + 0.25)), min_size=1, max_size=3),
        st.none() | st.tuples(st.sampled_from([*"ABCDEF", "b", "(B)", "on the sill", "On the sill", "", None]), st.none() | SEGMENTS),
    ),
    max_size=12,
)


def reference_scorer(entries: Sequence[Entry]) -> dict[str, float]:
    """What `eval_st_evidence.py` prints, written anew from its description: means over all entries of the truth."""
    sums = dict.fromkeys(("accuracy", "miou", "miop", "t_mean", "tiou_at_0_3", "tiou_at_0_5", "tiop_at_0_3", "tiop_at_0_5"), 0.0)
    for entry in entries:
        answer, segments = entry.predicted or (None, None)
        if answer is not None and answer in "ABCDEF" and len(answer) == 1 and "ABCDEF".index(answer) < len(CANDIDATES):
            answer = CANDIDATES["ABCDEF".index(answer)]
        sums["accuracy"] += answer == CANDIDATES[entry.right]
        said, true = segments or [], entry.truth
        inter = sum(max(0, min(e, ee) - max(s, ss)) for s, e in true for ss, ee in said)
        long_said, long_true = (sum(max(0, e - s) for s, e in each) for each in (said, true))
        union = long_said + long_true - inter
        iou = inter / union if said and union > 0 else 0.0
        iop = inter / long_said if said and long_said > 0 else 0.0
        for name, value in (("miou", iou), ("miop", iop), ("t_mean", (iou + iop) / 2)):
            sums[name] += value
        for at in (0.3, 0.5):
            sums[f"tiou_at_0_{round(at * 10)}"] += iou >= at
            sums[f"tiop_at_0_{round(at * 10)}"] += iop >= at
    return {name: value / len(entries) for name, value in sums.items()} if entries else {}


def answers(entries: Sequence[Entry]) -> list[Answered]:
    made: list[Answered] = []
    for number, entry in enumerate(entries):
        reference = Reference(answer=CANDIDATES[entry.right], choice=entry.right, spans=tuple(entry.truth))
        asked = Question(
            question_id=str(number), benchmark="st_evidence_gen", video_id="v", task="generation", start_ms=0, end_ms=9000,
            question="Where?", options=CANDIDATES, reference=reference,
        )  # fmt: skip
        if entry.predicted is None:
            made.append(Answered(question=asked, status="missing", reason="not_in_file"))
            continue
        answer, segments = entry.predicted
        made.append(read_answer(ST_EVIDENCE_GEN, asked, (json.dumps({"answer": answer, "segments": segments}),)))
    return made


def measured(answered: Sequence[Answered], benchmark: Any = ST_EVIDENCE_GEN) -> Mapping[str, Measure]:
    return {each.name: each for each in benchmark.measures(answered, Scoring())}


@settings(max_examples=40)
@given(ENTRIES)
def test_legacy_is_what_the_reference_scorer_prints(entries: list[Entry]) -> None:
    found = measured(answers(entries))
    for name, value in reference_scorer(entries).items():
        assert found[name].legacy["all"] == pytest.approx(value, rel=1e-12, abs=1e-12), name


@settings(max_examples=40)
@given(ENTRIES)
def test_ours_is_from_nought_to_one_and_counts_what_could_be_read(entries: list[Entry]) -> None:
    for measure in measured(answers(entries)).values():
        assert all(value is None or 0 <= value <= 1 for value in measure.values.values())
    values = measured(answers(entries))["accuracy"].values
    unread = {str(number) for number, each in enumerate(entries) if each.predicted is None or each.predicted[0] in ("", None)}
    assert {name for name, value in values.items() if value is None} >= unread


def test_a_missing_prediction_is_wrong_for_the_reference_and_no_answer_for_us() -> None:
    entries = [Entry(1, [(2.0, 4.0)], ("B", [(2.0, 4.0)])), Entry(1, [(2.0, 4.0)], None)]
    found = measured(answers(entries))
    assert found["accuracy"].values == found["t_mean"].values == {"0": 1, "1": None}
    assert found["accuracy"].legacy["all"] == found["t_mean"].legacy["all"] == 0.5


def test_an_option_that_is_named_with_its_bracket_or_in_small_is_right_for_us_alone() -> None:
    entries = [Entry(1, [(0.0, 1.0)], (answer, [])) for answer in ("(B)", "b", "On the sill")]
    found = measured(answers(entries))["accuracy"]
    assert (set(found.values.values()), found.legacy["all"]) == ({1.0}, 0.0)


def rows_of_reference_runner(table: str) -> list[dict[str, str]]:
    """The rows that EVQA's multiple-choice runners ask: they look for `video` and `options`, and pass over a row without them."""
    return [row for row in csv.DictReader(io.StringIO(table)) if row.get("video") and row.get("options")]


def test_a_table_with_the_documented_columns_is_asked_and_not_passed_over() -> None:
    folder = FIXTURES / "st_evidence_mcq"
    assert rows_of_reference_runner((folder / FILE).read_text()) == []
    assert len(ST_EVIDENCE_MCQ.load(FolderData(folder)).questions) == 21


def test_legacy_takes_the_article_for_option_a_and_counts_every_entry() -> None:
    asked = [each.question for each in ST_EVIDENCE_MCQ.load(FolderData(FIXTURES / "st_evidence_mcq")).questions][:2]
    first, second = (read_answer(ST_EVIDENCE_MCQ, each, ("I see a ball",)) for each in asked)
    found = measured([first, second], ST_EVIDENCE_MCQ)["accuracy"]
    assert [each.reference.choice for each in asked] == [0, 3]
    assert list(found.values.values()) == [None, None]
    assert found.legacy == {"qa": 0.5, "all": 0.5}
