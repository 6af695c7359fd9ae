"""Samples that lmms-eval logs (`--log_samples`): JSON lines with `doc_id, target, resps, filtered_resps`, `doc` or `input`, and metrics.

`resps` holds what the model said and `filtered_resps` the same without its thinking; where both are equal only the second is written.
Newer releases write `input` (the prompt) in place of `doc` and `arguments`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from egoetl.benchmarks.predictions.fields import (
    Spoken,
    name_or_none,
    named_key,
    options_of,
    printable,
    reference_of,
    spoken,
    text_or_none,
    unspoken,
)
from egoetl.benchmarks.predictions.grades import grade_of
from egoetl.benchmarks.predictions.prediction import Prediction, Shape
from egoetl.benchmarks.rows import Row

_SAID = ("filtered_resps", "resps")
_GOLD = ("correct_answer", "answer")
_VERDICT, _SCORE = "egotextvqa_accuracy", "egotextvqa_score"
"""What its task for EgoTextVQA calls a judge's yes or no, and its score."""
_LONGEST_QUESTION = 8000


def _matches(entry: Mapping[str, Any]) -> bool:
    return "doc_id" in entry and any(name in entry for name in _SAID)


def _read(row: Row, key: str | None) -> Iterator[Prediction]:
    place = row.name("doc_id")
    doc = _doc(row)
    options = options_of(doc, "candidates", "options", "choices")
    gold = text_or_none(doc, *_GOLD) or text_or_none(row, "target")
    video_id, question_id = name_or_none(doc, "video_id", "clip_id", "video"), name_or_none(doc, "question_id", "entry_id", "id")
    kind = name_or_none(doc, "question_type", "category", "task")
    said = _said(row, (key,) if key else _SAID)
    grade, troubles = grade_of(row, _VERDICT, _SCORE)
    yield Prediction(
        row=row.number,
        where=row.where,
        ids=tuple(each for each in (video_id, question_id) if each) if question_id else (),
        video_id=video_id,
        question=text_or_none(doc, "question"),
        prompt=_prompt(row),
        position=int(place) if place.isdecimal() else None,
        tasks=(kind,) if kind else (),
        options=options,
        reference=None if gold is None else reference_of(gold, options),
        said=said.said,
        status=said.status,
        reason=said.reason,
        grade=grade if said.said else None,
        troubles=(*said.troubles, *troubles),
    )


def _doc(row: Row) -> Row:
    doc = row.fields.get("doc", {})
    if not isinstance(doc, dict):
        raise row.refusal("doc_not_an_object", "its doc is no object; log the samples again")
    return row._replace(fields=cast("dict[str, Any]", doc))


def _prompt(row: Row) -> str | None:
    for name in ("input", "arguments"):
        value = row.fields.get(name)
        while isinstance(value, list) and value:
            value = cast("list[Any]", value)[0]
        if isinstance(value, str) and value.strip():
            return printable(value).strip()[:_LONGEST_QUESTION]
    return None


def _said(row: Row, names: Sequence[str]) -> Spoken:
    """The texts of the first field that there is, one a request; each may lie in lists of its own."""
    name = next((each for each in names if row.fields.get(each) is not None), names[0])
    value = row.fields.get(name)
    if not isinstance(value, list):
        return spoken(row, name)
    turns: list[str] = []
    for each in cast("list[Any]", value) or [""]:
        while isinstance(each, list) and each:
            each = cast("list[Any]", each)[0]  # noqa: PLW2901 - down to the text within lists
        if not isinstance(each, str):
            return unspoken(row, "failed", "prediction_not_text", f"{name} holds something that is no text; log the samples again")
        turns.append(printable(each).strip())
    if not any(turns):
        return unspoken(row, "failed", "prediction_empty", f"{name} is empty, so the model said nothing; ask it again")
    return Spoken(tuple(turns))


LMMS_EVAL = Shape("lmms-eval samples", "doc_id, target, filtered_resps or resps, with doc or input", _matches, named_key, _read)
