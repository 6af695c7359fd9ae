"""What is open on the page: reports by number, and the videos that they are about."""

import json
import threading
from typing import Any, NamedTuple

from egoetl.core.evaluation import Report, ScoredItem
from egoetl.runner.browse_page.payload import payload


class Opened(NamedTuple):
    """An open report: its number, what the page lists it as, and all of it as JSON."""

    number: int
    name: str
    listed: dict[str, Any]
    content: bytes


class OpenReports:
    """The open reports. Threads share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._opened: list[Opened] = []
        self._videos: list[ScoredItem] = []
        self._numbers: dict[tuple[str | None, str], int] = {}

    def add(self, report: Report, name: str) -> Opened:
        """Open a report under a name; the same name twice is two reports."""
        with self._lock:
            number = len(self._opened)
            about = {"number": number, "name": name, "run": report.run, "model": report.model, "benchmark": report.benchmark}
            content = payload(report, self._number)
            opened = Opened(number, name, {**about, "questions": len(report.items)}, json.dumps({**about, **content}).encode())
            self._opened.append(opened)
        return opened

    def listed(self) -> list[dict[str, Any]]:
        """The open reports, oldest first."""
        with self._lock:
            return [each.listed for each in self._opened]

    def content(self, number: int) -> bytes | None:
        """A report as JSON; None for a number that none has."""
        with self._lock:
            return self._opened[number].content if 0 <= number < len(self._opened) else None

    def video(self, number: int) -> ScoredItem | None:
        """A question about the video of that number; None for a number that none has."""
        with self._lock:
            return self._videos[number] if 0 <= number < len(self._videos) else None

    def _number(self, item: ScoredItem) -> int:
        key = item.uri, item.question.video_id
        if key not in self._numbers:
            self._numbers[key] = len(self._videos)
            self._videos.append(item)
        return self._numbers[key]
