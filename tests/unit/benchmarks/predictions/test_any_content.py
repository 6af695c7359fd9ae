"""Whatever a file of predictions holds, it ends in a report or in one sentence: every question once, every refused row named."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from egoetl.benchmarks.benchmark import Loaded, Placed, Scoring
from egoetl.benchmarks.predictions.reading import Predicted, read_predictions
from egoetl.core.errors import CallerError, DataError
from egoetl.core.evaluation import Report
from egoetl.runner.scoring import About, report_on
from egoetl.testing.tiny_benchmark import TINY, question

EXAMPLES = int(os.environ.get("EGOETL_FUZZ_EXAMPLES", "30"))
NAMES = (
    "category", "output", "prediction", "answer", "ground_truth", "question", "video_id", "start_time", "end_time", "options", "items",
    "question_id", "question_type", "subset", "correct_answer", "acc", "score", "model", "entry_id", "gt_answer", "time_segments",
    "gt_time_segments", "referring_expressions", "mask_dir", "evidence_t", "gt_evidence_t", "evidence_s", "gt_evidence_s", "candidates",
    "parsed_response", "error", "parse_error", "doc_id", "doc", "target", "resps", "filtered_resps", "input", "arguments",
)  # fmt: skip
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 9), st.floats(), st.text(max_size=6),
    st.sampled_from(["", "tell", "pick", "A", "(B)", "yes", "no", "v1", "q1", "e1"]),
)  # fmt: skip
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4), max_leaves=6
)
ROWS = st.dictionaries(st.sampled_from(NAMES), VALUES, min_size=2, max_size=10)
STARTS = st.sampled_from([
    {"category": "tell", "answer": "a", "output": "b"},
    {"question_id": 1, "video_id": "v1", "question": "?", "question_type": "tell", "correct_answer": "a", "model": "b"},
    {"entry_id": "e1", "gt_answer": "A", "answer": "A", "time_segments": [[0, 1]]},
    {"entry_id": "e1", "gt_answer": "A", "gt_evidence_t": "B", "evidence_t": "C"},
    {"entry_id": "e1", "video_id": "v1", "parsed_response": {"answer": "A", "segments": [[0, 1]]}},
    {"doc_id": 0, "doc": {"question": "?", "answer": "a", "category": "tell"}, "target": "a", "filtered_resps": ["a"]},
])  # fmt: skip
"""A good row of each shape, of which some fields become something else."""
ENTRIES = st.lists(st.builds(lambda row, other: {**row, **other}, STARTS, ROWS | st.just({})) | VALUES, max_size=5)
CONTENT = ENTRIES | st.dictionaries(st.text(max_size=4), ROWS | SCALARS, max_size=4) | ENTRIES.map(lambda rows: {"items": rows})
QUESTIONS = (
    question("v1/1", "tell", "a", asked="?"),
    question("e1", "pick", "A", options=("A", "B")),
    question("e1/qa", "pick", "B"),
)
BENCH = Loaded(questions=tuple(Placed(each, "v.mp4") for each in QUESTIONS), refused=())


def refused_or_read(file: Path, loaded: Loaded | None, key: str | None) -> Predicted | str:
    """What the file comes to, or the sentence by which it is refused."""
    try:
        return read_predictions(file, TINY, loaded, key)
    except (CallerError, DataError) as error:
        return str(error)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(CONTENT, st.sampled_from([None, BENCH]), st.sampled_from([None, "model"]))
def test_any_content_is_scored_or_refused_in_a_sentence(tmp_path: Path, content: Any, loaded: Loaded | None, key: str | None) -> None:
    file = tmp_path / "any.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    predicted = refused_or_read(file, loaded, key)
    if isinstance(predicted, str):
        assert predicted.endswith((".", "?"))
        assert "\n" not in predicted
        return
    assert len({each.question.question_id for each in predicted.answered}) == len(predicted.answered)
    assert all(each.said or each.status != "answered" for each in predicted.answered)
    assert all(each.reason and each.message for each in predicted.refused)
    if loaded is not None:
        assert {each.question for each in predicted.answered} == {each.question for each in loaded.questions}
    report = report_on(TINY, predicted.answered, Scoring(), About("any", "model"))
    assert Report.model_validate_json(report.model_dump_json()) == report


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=60) | st.text(alphabet='[]{}",:\n0aN', max_size=40).map(str.encode))
def test_any_bytes_are_refused_in_a_sentence(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "any.json"
    file.write_bytes(content)
    with pytest.raises(DataError) as caught:
        read_predictions(file, TINY, None)
    assert str(caught.value).endswith((".", "?"))
