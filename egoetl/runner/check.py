"""What one check of an installation found."""

from egoetl.core.records import Record


class Check(Record):
    """One thing that was tried. `detail` is a version or an address, or what is missing; then `remedy` says what helps."""

    name: str
    ok: bool
    detail: str
    remedy: str | None = None


def failed(name: str, sentence: str) -> Check:
    """A check that failed: what is wrong stands before the sentence's semicolon, and what helps after it."""
    detail, _, remedy = sentence.partition("; ")
    return Check(name=name, ok=False, detail=detail, remedy=remedy or None)
