"""Predictions in EgoTextVQA's shape: rows of its `predict.py`, and those of its `eval.py`, which have `acc` and `score` too.

The model's answer stands under a key of each file's own, often a model's name; it is the one that nothing else explains.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from egoetl.benchmarks.predictions.fields import name_or_none, named_key, spoken
from egoetl.benchmarks.predictions.grades import grade_of
from egoetl.benchmarks.predictions.prediction import Prediction, Shape
from egoetl.benchmarks.rows import Row
from egoetl.core.errors import CallerError
from egoetl.core.evaluation import Reference

_KNOWN = frozenset({
    "question_id", "video_id", "question", "question_type", "dataset", "subset", "correct_answer", "acc", "score",
    "timestamp", "timestamp (s)", "video_url", "local_video_path", "entry_id", "reason",
})  # fmt: skip


def _matches(entry: Mapping[str, Any]) -> bool:
    return "correct_answer" in entry and ("question_id" in entry or "question_type" in entry) and "doc_id" not in entry


def _key(rows: Sequence[Row], given: str | None) -> str | None:
    """The field with the model's answer. Raises CallerError `key_unknown` where it must be named, or is named and is not there."""
    if named_key(rows, given) is not None:
        return given
    found = sorted({name for row in rows for name in row.fields if name not in _KNOWN})
    if len(found) == 1:
        return found[0]
    which = f"any of {', '.join(found)} may be the model's answer" if found else "no field is left that could be the model's answer"
    raise CallerError(f"In this file {which}; say with --key which one is.", reason="key_unknown")


def _read(row: Row, key: str | None) -> Iterator[Prediction]:
    assert key is not None
    video_id, question_id = row.name("video_id"), row.name("question_id")
    subset = (name_or_none(row, "subset") or "").casefold()
    kind = row.name("question_type")
    said = spoken(row, key)
    grade, troubles = grade_of(row, "acc", "score")
    yield Prediction(
        row=row.number,
        where=row.where,
        ids=(subset, video_id, question_id) if subset else (video_id, question_id),
        video_id=video_id,
        question=row.text("question"),
        tasks=(f"{subset}/{kind}", kind, subset) if subset else (kind,),
        reference=Reference(answer=row.text("correct_answer")),
        said=said.said,
        status=said.status,
        reason=said.reason,
        grade=grade if said.said else None,
        troubles=(*said.troubles, *troubles),
    )


EGOTEXTVQA = Shape(
    "EgoTextVQA", "question_id, video_id, question, question_type, correct_answer and the model's answer, with acc and score or without",
    _matches, _key, _read,
)  # fmt: skip
