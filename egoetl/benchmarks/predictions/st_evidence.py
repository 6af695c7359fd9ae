"""Predictions for ST-Evidence in the keys that EVQA documents: flat entries with what the model said beside what is right.

Generation: `answer, time_segments, referring_expressions, mask_dir` and `gt_answer, gt_time_segments`. Choosing: `answer, evidence_t,
evidence_s` and `gt_answer, gt_evidence_t, gt_evidence_s`, each a letter. A list of entries with an `entry_id`, or entries by their id.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from egoetl.benchmarks.predictions.fields import (
    LETTERS,
    Spoken,
    name_or_none,
    named_key,
    options_of,
    printable,
    reference_of,
    spans_of,
    spoken,
    text_or_none,
    unspoken,
)
from egoetl.benchmarks.predictions.prediction import Prediction, Shape
from egoetl.benchmarks.rows import Row
from egoetl.core.evaluation import Reference

_MCQ = {
    "qa": ("answer", "gt_answer", 5),
    "time_evidence": ("evidence_t", "gt_evidence_t", 4),
    "spatial_evidence": ("evidence_s", "gt_evidence_s", 4),
}
"""What a task's letter and the right one are called, and how many options it has."""
_GENERATED = {"answer": ("answer",), "segments": ("time_segments", "segments"), "referring_expressions": ("referring_expressions",)}
"""What the single-turn prompt calls a part of the answer, and what the fields are called."""
_MASKS = ("mask_dir", "mask_path")


def _is_choosing(entry: Mapping[str, Any]) -> bool:
    """Also of an entry of the first task alone."""
    evidence = any(name in entry for name in ("evidence_t", "evidence_s", "gt_evidence_t", "gt_evidence_s"))
    return evidence or ("gt_answer" in entry and not _is_generating(entry))


def _is_generating(entry: Mapping[str, Any]) -> bool:
    names = ("time_segments", "gt_time_segments", "mask_dir", "referring_expressions")
    return any(name in entry for name in names) and "parsed_response" not in entry


def _choosing(row: Row, key: str | None) -> Iterator[Prediction]:
    entry = row.name("entry_id", "id", "question_id")
    for task, (name, gold_name, count) in _MCQ.items():
        if row.fields.get(name) is None and row.fields.get(gold_name) is None:
            continue
        said = spoken(row, key if key and task == "qa" else name)
        options = (options_of(row, "candidates", "options") if task == "qa" else ()) or tuple(LETTERS[:count])
        gold = text_or_none(row, gold_name)
        reference = None if gold is None else reference_of(gold, options)
        if reference is not None and reference.choice is None:
            raise row.refusal("gold_no_option", f"{gold_name} names none of {count} options; write its letter")
        yield Prediction(
            row=row.number,
            where=row.where,
            ids=(entry, task),
            video_id=name_or_none(row, "video_id"),
            question=text_or_none(row, "question") if task == "qa" else None,
            tasks=(task,),
            options=options,
            reference=reference,
            said=said.said,
            status=said.status,
            reason=said.reason,
            troubles=said.troubles,
        )


def _generating(row: Row, key: str | None) -> Iterator[Prediction]:
    options = options_of(row, "candidates", "options")
    gold = text_or_none(row, "gt_answer")
    reference = None if gold is None else reference_of(gold, options or _letters(gold))
    if reference is not None and row.fields.get("gt_time_segments") is not None:
        reference = reference.model_copy(update={"spans": spans_of(row, "gt_time_segments")})
    yield generated(row, row.fields, key, options or (_letters(gold) if gold else ()), reference)


def generated(row: Row, fields: Mapping[str, Any], key: str | None, options: tuple[str, ...], reference: Reference | None) -> Prediction:
    """The prediction whose parts are these fields, as the reply that the single-turn prompt asks for.

    Whatever the parts are, the benchmark's parser reads them: how it takes segments that are malformed is its own.
    """
    names = {part: (key,) if key and part == "answer" else known for part, known in _GENERATED.items()}
    parts = {part: next((fields[name] for name in known if name in fields), None) for part, known in names.items()}
    masks = next((fields[name] for name in _MASKS if isinstance(fields.get(name), str) and fields[name]), None)
    said = _said(row, parts, masks)
    return Prediction(
        row=row.number,
        where=row.where,
        ids=(row.name("entry_id", "id", "question_id"),),
        video_id=name_or_none(row, "video_id"),
        question=text_or_none(row, "question"),
        tasks=(name_or_none(row, "question_type", "category") or "generation",),
        options=options,
        reference=reference,
        said=said.said,
        masks=masks,
        status=said.status,
        reason=said.reason,
        troubles=said.troubles,
    )


def _said(row: Row, parts: Mapping[str, Any], masks: str | None) -> Spoken:
    if all(each is None for each in parts.values()) and masks is None:
        return unspoken(row, "missing", "prediction_missing", "it has neither answer, segments, referring expressions nor masks; add them")
    if all(each in (None, "", []) for each in parts.values()) and masks is None:
        return unspoken(row, "failed", "prediction_empty", "its answer is empty, so the model said nothing; ask it again")
    if any(isinstance(each, dict | bool) for each in parts.values()):
        return unspoken(row, "failed", "prediction_not_text", "its answer is no text, or its segments are no list; mend them")
    return Spoken((printable(json.dumps({name: each for name, each in parts.items() if each is not None}, ensure_ascii=False)),))


def _letters(gold: str) -> tuple[str, ...]:
    """The letters as options, where what is right is one and the file does not say what they stand for."""
    return tuple(LETTERS[:6]) if gold.strip("(). ") in LETTERS[:6] else ()


ST_EVIDENCE_MCQ = Shape(
    "ST-Evidence MCQ", "answer, evidence_t, evidence_s, gt_answer, gt_evidence_t, gt_evidence_s", _is_choosing, named_key, _choosing
)
ST_EVIDENCE = Shape(
    "ST-Evidence",
    "answer, time_segments, referring_expressions, mask_dir, gt_answer, gt_time_segments",
    _is_generating,
    named_key,
    _generating,
)
