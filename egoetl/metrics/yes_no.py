"""Whether a free text says yes or no, and whether that is right."""

import re
from typing import Literal, NamedTuple

from egoetl.metrics.accuracy import accuracy
from egoetl.metrics.answer_field import answer_field

_EMPHASIS = re.compile(r"[*_`#]+")
_STATEMENT = re.compile(r"\banswer\s*(?:is|would be|should be|must be|:|=)\s*[:\"'“]?\s*(yes|no)\b(?!\s+(?:one|idea)\b)", re.IGNORECASE)
_LEADING = re.compile(r"\W*(yes|no)\b", re.IGNORECASE)
_CLOSED = re.compile(r"\s*(?:[.,;:!?)\]\"'”’–—]|\Z|\n|-\s)")
_CLAUSE = re.compile(r"\s+(?:there|it|he|she|they|we|you|i|this|that|these|those|the|because|since|as)\b", re.IGNORECASE)
_BOTH = re.compile(r"\W*(?:yes\W+(?:(?:and|or)\W+)?no|no\W+(?:(?:and|or)\W+)?yes)\b", re.IGNORECASE)


class Verdict(NamedTuple):
    """Yes or no; or neither, with the reason as a code."""

    answer: Literal["yes", "no"] | None
    reason: str = ""


def yes_or_no(text: str) -> Verdict:
    """Whether a text says yes or no.

    Read are the answer of a JSON object; else the beginning, where `Yes` or `No` is closed by a sign or goes on as a clause
    (`No, there is none`, `Yes it does`); else `the answer is no`. A `no` that belongs to a noun says nothing (`No idea`), nor
    does one later on. Reasons: `no_verdict`; `both` where it says the two (`Yes and no`, or begins with one and states the other).
    """
    field = answer_field(text)
    plain = _EMPHASIS.sub(" ", text if field is None else _from_boolean(field)).strip()
    if _BOTH.match(plain):
        return Verdict(None, "both")
    said = {found.group(1).lower() for found in _STATEMENT.finditer(plain)}
    leading = _LEADING.match(plain)
    if leading and (_CLOSED.match(plain, leading.end()) or _CLAUSE.match(plain, leading.end())):
        said.add(leading.group(1).lower())
    if len(said) == 1:
        return Verdict("yes" if "yes" in said else "no")
    return Verdict(None, "both" if said else "no_verdict")


def yes_no_accuracy(text: str, reference: str) -> float | None:
    """1 where the text says what the reference says, else 0; None where the text says neither yes nor no.

    The reference may be longer, as `Yes, it is.`, and is read the same way. Raises ValueError where it says neither: its
    loader is to refuse such a row.
    """
    right = yes_or_no(reference).answer
    if right is None:
        raise ValueError(f"The reference says neither yes nor no: {reference!r}.")
    return accuracy(yes_or_no(text).answer, right)


def _from_boolean(field: str) -> str:
    return {"True": "yes", "False": "no"}.get(field, field)
