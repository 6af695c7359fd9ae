"""What the server answers with: a status, a type, headers that keep the page to itself, and bytes or a part of a file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from egoetl.core.sources import SourceFile
from egoetl.runner.browse_page.ranges import ByteRange

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; media-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True)
class Answer:
    """One answer. Where there is a `file`, its bytes are sent in place of `body`, or `part` of them."""

    status: int
    media_type: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    file: SourceFile | None = None
    part: ByteRange | None = None

    @property
    def length(self) -> int:
        """How many bytes follow the headers."""
        if self.part is not None:
            return self.part.end - self.part.start
        return len(self.body) if self.file is None else self.file.size_bytes

    @property
    def start(self) -> int:
        """The first byte of the file that is sent."""
        return 0 if self.part is None else self.part.start


def as_json(value: Any, status: int = 200) -> Answer:
    """A value as JSON."""
    return Answer(status, "application/json", json.dumps(value).encode())


def refusal(status: int, sentence: str, reason: str) -> Answer:
    """Why nothing came of a request, in one sentence."""
    return as_json({"error": sentence, "reason": reason}, status)
