"""Answers of ST-Evidence's generation part: an option, spans and expressions, from one reply, from three, or from a file of results."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar, cast

from egoetl.benchmarks.literals import MalformedError, literal_of
from egoetl.benchmarks.said import last_said
from egoetl.benchmarks.spans import spans_of
from egoetl.benchmarks.written_values import values_in, written_list
from egoetl.core.evaluation import Parsed, Question, Spans
from egoetl.metrics.option_choice import option_choice

TURNS = 3
"""Of the dialogue of several turns: the option, the spans, the expressions."""
_SPANS_BEGIN = re.compile(r"\[\s*(?=[\[({\]0-9.-])")
_TEXTS_BEGIN = re.compile(r"\[\s*(?=[\"'\]])")
_LINE_MARK = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+")
_SEGMENTS = ("segments", "time_segments", "temporal_evidence", "evidence_t")
_EXPRESSIONS = ("referring_expressions", "expressions")
_MASKS = ("mask_path", "mask_dir")
T = TypeVar("T")


class Without(NamedTuple):
    """The faults of a part that is not there, and of one that cannot be read."""

    absent: str
    malformed: str


NO_SPANS = Without("no_spans", "span_malformed")
NO_EXPRESSIONS = Without("no_expressions", "expressions_malformed")


def parse(question: Question, turns: tuple[str, ...]) -> Parsed:
    """What was said, in one turn or in three. Never raises; what could not be read has a fault.

    Faults: `no_option`, `two_options`, `no_spans`, `span_malformed`, `no_expressions`, `expressions_malformed`, and `not_json` for
    a single reply that holds no JSON object, whose parts are then looked for in its words.
    """
    if len(turns) > 1:
        return _of_dialogue(question, turns)
    text = last_said(turns)
    response = response_of(text)
    return _of_words(question, text) if response is None else of_response(question, response)


def response_of(text: str) -> Mapping[str, Any] | None:
    """The first object of a reply, JSON or Python, in a fence, in a list or behind words; None where there is none that is whole."""
    return next((each for each in map(_unwrapped, values_in(text)) if each is not None), None)


def of_response(question: Question, response: Mapping[str, Any]) -> Parsed:
    """The answer in an object `{answer, segments, referring_expressions | mask_path}`, as models reply and as EVQA's files keep it."""
    faults: list[str] = []
    said = response.get("answer")
    answer, choice = _answer(question, "" if said is None else _as_text(said), faults)
    return Parsed(
        answer=answer,
        choice=choice,
        spans=_read(response, _SEGMENTS, _spans, NO_SPANS, faults),
        expressions=_read(response, _EXPRESSIONS, _expressions, NO_EXPRESSIONS, faults),
        masks=next((str(response[name]) for name in _MASKS if response.get(name)), None),
        faults=tuple(faults),
    )


def _of_dialogue(question: Question, turns: tuple[str, ...]) -> Parsed:
    """A reply that is missing says nothing."""
    first, second, third = (last_said(turns[index : index + 1]) for index in range(TURNS))
    faults: list[str] = []
    answer, choice = _answer(question, first, faults)
    return Parsed(
        answer=answer,
        choice=choice,
        spans=_spans_said(second, faults),
        expressions=_expressions_said(third, faults),
        faults=tuple(faults),
    )


def _of_words(question: Question, text: str) -> Parsed:
    """A reply that is no JSON, such as `Answer: B. Temporal Evidence: [[2.0, 4.5]].`, which EVQA's own models are trained to give."""
    faults = ["not_json"]
    answer, choice = _answer(question, text, faults)
    spans = _spans_said(text, faults)
    return Parsed(answer=answer, choice=choice, spans=spans, faults=(*faults, "no_expressions"))


def _answer(question: Question, text: str, faults: list[str]) -> tuple[str | None, int | None]:
    """The answer's words and the option that they mean; where the options are not known, as in some files, the words alone."""
    text = text.strip()
    if text and not question.options:
        return text, None
    index, reason = option_choice(text, question.options) if text else (None, "no_option")
    if index is None:
        faults.append(reason)
    return (None if index is None else text), index


def _spans_said(text: str, faults: list[str]) -> Spans | None:
    """The spans of a reply about nothing else, or of one in words."""
    if (response := _with(_SEGMENTS, text)) is not None:
        return _read(response, _SEGMENTS, _spans, NO_SPANS, faults)
    return _read_list(text, _SPANS_BEGIN, _spans, NO_SPANS, faults)


def _expressions_said(text: str, faults: list[str]) -> tuple[str, ...] | None:
    """The expressions of a reply about nothing else: a list, an object that holds it, or lines of their own with a mark before each."""
    if (response := _with(_EXPRESSIONS, text)) is not None:
        return _read(response, _EXPRESSIONS, _expressions, NO_EXPRESSIONS, faults)
    lines = [_LINE_MARK.sub("", line).strip(" \t\"'") for line in text.splitlines() if _LINE_MARK.match(line)]
    if any(lines):
        return tuple(line for line in lines if line)
    return _read_list(text, _TEXTS_BEGIN, _expressions, NO_EXPRESSIONS, faults)


def _with(names: Sequence[str], text: str) -> Mapping[str, Any] | None:
    """The object of a reply, if it has one of these fields."""
    response = response_of(text)
    return response if response is not None and any(name in response for name in names) else None


def _read(fields: Mapping[str, Any], names: Sequence[str], read: Callable[[Any], T], without: Without, faults: list[str]) -> T | None:
    """What the first of these fields holds, or a fault."""
    return _found(lambda: next((fields[name] for name in names if fields.get(name) is not None), None), read, without, faults)


def _read_list(text: str, beginning: re.Pattern[str], read: Callable[[Any], T], without: Without, faults: list[str]) -> T | None:
    """What the first list holds that begins in this way, or a fault."""
    return _found(lambda: written_list(text, beginning), read, without, faults)


def _found(written: Callable[[], Any], read: Callable[[Any], T], without: Without, faults: list[str]) -> T | None:
    try:
        value = written()
        if value is not None:
            return read(value)
        faults.append(without.absent)
    except MalformedError:
        faults.append(without.malformed)
    return None


def _spans(value: Any) -> Spans:
    """Also of a list that is written as a text within the object."""
    return spans_of(literal_of(value) if isinstance(value, str) else value)


def _expressions(value: Any) -> tuple[str, ...]:
    """Texts that are not blank; one alone may stand without its list."""
    entries = [value] if isinstance(value, str) else cast("list[Any]", value) if isinstance(value, list) else None
    if entries is None or not all(isinstance(each, str) for each in entries):
        raise MalformedError("it is no list of texts")
    return tuple(each.strip() for each in entries if each.strip())


def _unwrapped(value: Any) -> Mapping[str, Any] | None:
    """An object, or that which is alone in a list."""
    if isinstance(value, list) and len(entries := cast("list[Any]", value)) == 1:
        value = entries[0]
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else None


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)
