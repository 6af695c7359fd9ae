"""What the page may ask for. Nothing in an address is ever a path: pages have names, reports and videos have numbers."""

import hmac
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from egoetl.core.errors import DataError, EgoetlError, TryAgainError
from egoetl.runner.browse_page.answer import Answer, as_json, refusal
from egoetl.runner.browse_page.opened import OpenReports
from egoetl.runner.browse_page.opening import Predicted, open_uploaded
from egoetl.runner.browse_page.ranges import range_of
from egoetl.runner.evaluation_videos import EvaluationVideos
from egoetl.runner.tools import Tools

_log = logging.getLogger(__name__)
LARGEST_UPLOAD = 256 << 20
"""Bytes."""
_TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
_VIDEO_TYPES = {
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".mov": "video/quicktime",
    ".webm": "video/webm",
    ".mkv": "video/x-matroska",
    ".avi": "video/x-msvideo",
}
_NUMBER_LENGTH = 9


@dataclass
class Routes:
    """The page's answers. `token` is the first part of every address; whoever does not have it gets nothing."""

    token: str
    tools: Tools
    reports: OpenReports = field(default_factory=OpenReports)
    videos: EvaluationVideos | None = None
    predicted: Predicted = field(default_factory=Predicted)

    @cached_property
    def pages(self) -> Mapping[str, Answer]:
        """The files of the page by name."""
        files = Path(__file__).with_name("static").iterdir()
        return {file.name: Answer(200, _TYPES[file.suffix], file.read_bytes()) for file in files if file.suffix in _TYPES}

    def get(self, address: str, byte_range: str | None) -> Answer:
        """What a GET of an address gives."""
        match self._parts(address):
            case None:
                return _forbidden()
            case [""]:
                return self.pages["index.html"]
            case ["reports"]:
                return as_json({"reports": self.reports.listed(), "benchmarks": _benchmarks(), "videos": self.videos is not None})
            case ["reports", number]:
                content = self.reports.content(_number(number))
                return _unknown() if content is None else Answer(200, "application/json", content)
            case ["video", number]:
                return self._video(_number(number), byte_range)
            case [name] if name in self.pages:
                return self.pages[name]
            case _:
                return _unknown()

    def takes(self, address: str, length: int | None) -> Answer | None:
        """Why a body of this length will not be read; None: it may be sent to `post`."""
        parts = self._parts(address)
        if parts is None:
            return _forbidden()
        if parts != ["upload"]:
            return _unknown()
        if length is None:
            return refusal(411, "The length of the file is missing.", "length_missing")
        if length > LARGEST_UPLOAD:
            return refusal(
                413, f"The file has more than {LARGEST_UPLOAD >> 20} MiB; open it with `egoetl eval browse FILE`.", "file_too_large"
            )
        return None

    def post(self, address: str, body: bytes) -> Answer:
        """Open what was uploaded."""
        asked = parse_qs(urlsplit(address).query)
        name = asked.get("name", ["upload"])[0]
        benchmark = asked.get("benchmark", [None])[0]
        data = self.predicted.data if benchmark == self.predicted.benchmark else None
        try:
            report = open_uploaded(self.tools, body, name, Predicted(benchmark, data))
        except EgoetlError as error:
            return refusal(400, str(error), error.reason)
        except Exception:  # noqa: BLE001 - the boundary of a request: the page stays, and the terminal shows the defect
            _log.exception("egoetl: a defect of egoetl, met while %r was opened; please report it with the lines below.", name)
            return refusal(500, "The file could not be opened because of a defect of egoetl; the terminal says more.", "defect")
        return as_json(self.reports.add(report, name[-200:]).listed)

    def _parts(self, address: str) -> list[str] | None:
        """The parts of an address after its token; None where that is another."""
        try:
            _, token, *parts = [*urlsplit(address).path.split("/"), ""]
        except ValueError:
            return None
        # Compared in a time that says nothing of where they differ.
        return parts[:-1] if hmac.compare_digest(token.encode(), self.token.encode()) else None

    def _video(self, number: int, byte_range: str | None) -> Answer:
        item = self.reports.video(number)
        if item is None:
            return _unknown()
        if self.videos is None:
            return refusal(404, "Nobody said where the videos are; start with --videos ROOT.", "videos_unknown")
        try:
            file = self.videos.find(item)
        except (DataError, TryAgainError) as error:
            return refusal(404, str(error), error.reason)
        size = file.size_bytes
        try:
            part = range_of(byte_range, size)
        except ValueError:
            return Answer(416, "text/plain", headers={"Content-Range": f"bytes */{size}"})
        media_type = _VIDEO_TYPES.get(Path(file.path).suffix.lower(), "application/octet-stream")
        headers = {"Accept-Ranges": "bytes"}
        if part is None:
            return Answer(200, media_type, headers=headers, file=file)
        return Answer(
            206, media_type, headers={**headers, "Content-Range": f"bytes {part.start}-{part.end - 1}/{size}"}, file=file, part=part
        )


def _number(text: str) -> int:
    """A number in an address, -1 for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _NUMBER_LENGTH else -1


def _benchmarks() -> tuple[str, ...]:
    from egoetl.benchmarks.index import names

    return names()


def _forbidden() -> Answer:
    return refusal(403, "This address lacks the token; use the one that `egoetl eval browse` printed.", "token_wrong")


def _unknown() -> Answer:
    return refusal(404, "There is nothing at this address.", "address_unknown")
