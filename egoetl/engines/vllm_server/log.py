"""What a vLLM server says: all that matters into a file, and to a person the few lines that tell how it goes."""

import re
from collections import deque
from collections.abc import Callable
from pathlib import Path
from threading import Lock

REMEMBERED = 400
"""Lines kept for the cause of a death."""
MOST_ERRORS = 20
"""Lines of errors that a person is shown while the server serves."""
_PROGRESS = re.compile(r"\b(\d+)%\s*(Completed)?\s*\|")
_NOISE = re.compile(r"leaked (instance|type|function|\d+)|skipped remainder|nanobind|Route: /|Added request |^\s*$")
_REQUEST = re.compile(r"(Received request \S+): params: .*")
_ERROR = re.compile(r"^(\([^)]*\) )?(ERROR|CRITICAL) [^\]]*\] (?!\s|Traceback)")
"""The first line of an error and its last, without the calls between."""
_PHASES = tuple(
    (re.compile(pattern), phase)
    for pattern, phase in (
        (r"Resolved architecture", "reading the configuration"),
        (r"Fetching \d+ files|[Dd]ownloading", "fetching the model"),
        (r"Initializing a V1 LLM engine", "starting its engine"),
        (r"Starting to load model|Loading .*checkpoint shards", "loading weights"),
        (r"Loading weights took", "measuring memory"),
        (r"Compiling a graph|Dynamo bytecode transform|Start compiling", "compiling"),
        (r"KV cache size", "warming up"),
        (r"[Cc]apturing CUDA graph", "capturing CUDA graphs"),
        (r"Supported tasks|Starting vLLM server", "opening its port"),
    )
)


class ServerLog:
    """Takes lines from several threads. `file` gets them without progress bars and noise; None: they are only remembered."""

    def __init__(self, file: Path | None, tell: Callable[[str], None]) -> None:
        self.phase = "starting"
        self._file = file
        self._tell = tell
        self._lines: deque[str] = deque(maxlen=REMEMBERED)
        self._errors_told: int | None = None
        self._writing = Lock()
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)

    def __call__(self, line: str) -> None:
        """Take one line."""
        for pattern, phase in _PHASES:
            if pattern.search(line):
                self.phase = phase
        progress = _PROGRESS.search(line)
        if _NOISE.search(line) or (progress and progress[1] != "100"):
            return
        line = _REQUEST.sub(r"\1", line)
        with self._writing:
            self._lines.append(line)
            if self._file is not None:
                with self._file.open("a", encoding="utf-8") as opened:
                    opened.write(line + "\n")
            self._tell_error(line)

    def begin(self) -> None:
        """Forget what an earlier server said: another one starts."""
        with self._writing:
            self._lines.clear()
            self.phase, self._errors_told = "starting", None

    def tell_errors(self) -> None:
        """From now on a person is told of errors: the server serves."""
        self._errors_told = 0

    def be_quiet(self) -> None:
        """A server that is told to end complains of it."""
        self._errors_told = None

    def lines(self) -> list[str]:
        """The last lines, oldest first."""
        with self._writing:
            return list(self._lines)

    def _tell_error(self, line: str) -> None:
        if self._errors_told is None or not _ERROR.match(line):
            return
        self._errors_told += 1
        if self._errors_told <= MOST_ERRORS:
            self._tell(line)
        elif self._errors_told == MOST_ERRORS + 1:
            self._tell(f"Further errors are in {self._file}." if self._file else "Further errors are not shown.")
