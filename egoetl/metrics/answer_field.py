"""The answer that a text marks off: as a field of JSON, between tags or in a box."""

import json
import re
from collections.abc import Mapping
from itertools import islice
from typing import cast

_NAMES = ("answer", "final_answer", "choice", "option", "letter", "prediction")
_MOST_OPENINGS = 100
"""So many brackets are tried: what opens thousands of them is no answer."""
_BRACKET = re.compile(r"[\[{]")
_MARKED = re.compile(
    rf"[\"'](?:{'|'.join(_NAMES)})[\"']\s*:\s*\"([^\"\n]*)\"|<answer>(.*?)</answer>|\\boxed\{{(?:\\text\{{)?([^{{}}]*)\}}",
    re.IGNORECASE | re.DOTALL,
)


def answer_field(text: str) -> str | None:
    """The answer that a text marks off: `B` for `{"answer": "B"}`, for `<answer>B</answer>` and for `\\boxed{B}`.

    The JSON may stand in a fence, in a list or behind words, and be cut off behind its answer. A blank where the field is null;
    several answers, where they differ, are joined by commas. None where the text marks none.
    """
    for opening in islice(_BRACKET.finditer(text), _MOST_OPENINGS):
        try:
            value: object = json.JSONDecoder().raw_decode(text, opening.start())[0]
        except (ValueError, RecursionError):
            continue
        found = _answer_in(value)
        if found is not None:
            return found
    marked = dict.fromkeys(group.strip() for each in _MARKED.finditer(text) for group in each.groups() if group is not None)
    return ", ".join(marked) if marked else None


def _answer_in(value: object) -> str | None:
    if isinstance(value, list):
        entries = cast("list[object]", value)
        return _answer_in(entries[0]) if len(entries) == 1 else None
    if not isinstance(value, dict):
        return None
    fields = {name.casefold(): field for name, field in cast("Mapping[str, object]", value).items()}
    return next((_as_text(fields[name]) for name in _NAMES if name in fields), None)


def _as_text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(_as_text(each) for each in cast("list[object]", value))
    return value if isinstance(value, str) else "" if value is None else str(value)
