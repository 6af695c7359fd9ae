"""What one check of an installation found."""

from collections.abc import Callable

from egoetl.core.errors import EgoetlError
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


def tried(name: str, check: Callable[[], str]) -> Check:
    """What came of trying something, which says what it found or raises what is wrong."""
    try:
        return Check(name=name, ok=True, detail=check())
    except EgoetlError as error:
        return failed(name, str(error))
    except OSError as error:
        return failed(name, f"{error.strerror}: {error.filename}; mend its permissions or name another place.")
    except ImportError as error:
        return failed(name, f"{error.name} is not installed; run `pip install 'egoetl[control]'`.")
