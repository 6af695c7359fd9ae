"""Pictures that a question is about, as parts of its message."""

from base64 import b64encode
from collections.abc import Sequence
from string import ascii_uppercase
from typing import Any

from egoetl.core.errors import DataError

_KINDS = ((b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpeg"))
"""What a file of each kind begins with."""


def still_parts(stills: Sequence[bytes], task: str) -> list[dict[str, Any]]:
    """Each picture after its letter, as it is.

    Raises DataError `still_malformed` for one that is neither PNG nor JPEG, `stills_too_many` where letters do not suffice.
    """
    if len(stills) > len(ascii_uppercase):
        raise DataError(f"{task}: {len(stills)} pictures are more than there are letters for; show fewer.", reason="stills_too_many")
    parts: list[dict[str, Any]] = []
    for letter, still in zip(ascii_uppercase, stills, strict=False):
        parts.append({"type": "text", "text": f"{letter}."})
        parts.append({"type": "image_url", "image_url": {"url": f"data:image/{_kind(still, letter, task)};base64,{_text(still)}"}})
    return parts


def _kind(still: bytes, letter: str, task: str) -> str:
    for beginning, kind in _KINDS:
        if still.startswith(beginning):
            return kind
    raise DataError(
        f"{task}: picture {letter} is neither PNG nor JPEG (it begins with {still[:8]!r}); mend the file that it comes from.",
        reason="still_malformed",
    )


def _text(data: bytes) -> str:
    return b64encode(data).decode()
