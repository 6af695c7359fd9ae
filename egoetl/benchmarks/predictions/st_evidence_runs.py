"""Predictions for ST-Evidence as EVQA's runners write them: `{entry_id: {video_id, parsed_response, error|parse_error}}`.

They hold nothing that is right, so the benchmark's data is needed beside them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from egoetl.benchmarks.predictions.fields import name_or_none, named_key, unspoken
from egoetl.benchmarks.predictions.prediction import Prediction, Shape
from egoetl.benchmarks.predictions.st_evidence import generated
from egoetl.benchmarks.rows import Row

_ERRORS = {"error": ("failed", "reported_error"), "parse_error": ("unparsed", "reported_parse_error")}
"""What a runner calls what went wrong, and what that is here."""


def _matches(entry: Mapping[str, Any]) -> bool:
    return "parsed_response" in entry or ("video_id" in entry and any(name in entry for name in _ERRORS))


def _key(rows: Sequence[Row], given: str | None) -> str | None:
    responses = [row.fields.get("parsed_response") for row in rows]
    parts = [cast("dict[str, Any]", each) if isinstance(each, dict) else {} for each in responses]
    return named_key([row._replace(fields=each) for row, each in zip(rows, parts, strict=True)], given)


def _read(row: Row, key: str | None) -> Iterator[Prediction]:
    response = row.fields.get("parsed_response")
    for name, (status, reason) in _ERRORS.items():
        if row.fields.get(name) and not response:
            # Its text is no answer, and is never kept as one.
            yield replace(_empty(row), status=status, reason=reason)
            return
    if response is None:
        said = unspoken(row, "missing", "prediction_missing", "it has no parsed_response; ask the model again")
        yield replace(_empty(row), status=said.status, reason=said.reason, troubles=said.troubles)
        return
    if not isinstance(response, dict):
        said = unspoken(row, "failed", "prediction_not_text", "parsed_response is no object; mend it")
        yield replace(_empty(row), status=said.status, reason=said.reason, troubles=said.troubles)
        return
    yield generated(row, cast("dict[str, Any]", response), key, (), None)


def _empty(row: Row) -> Prediction:
    return Prediction(row=row.number, where=row.where, ids=(row.name("entry_id"),), video_id=name_or_none(row, "video_id"))


ST_EVIDENCE_RUNS = Shape("ST-Evidence runs", "entries by id with video_id, parsed_response, error|parse_error", _matches, _key, _read)
