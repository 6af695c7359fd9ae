"""One command as a process group: its lines go to the log as they come, and it never outlives its caller."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

LIFELINE = Path(__file__).with_name("lifeline.py")
GRACE_SECONDS = 4.0
"""Time to end after SIGTERM, such as to commit what is at hand: less than the 5 s after which Airflow kills a task's own process."""
PIPE_SECONDS = 5.0
"""How long the last lines may take once every process of the group is gone."""


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code, and the last line that it wrote to each stream (empty for none)."""

    code: int
    last_output: str
    last_error: str


class CommandProcess:
    """A running command. `log` is called with every line of both its streams, from threads."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], log: Callable[[str], None], *, grace_seconds: float = GRACE_SECONDS
    ) -> None:
        self._process = subprocess.Popen(
            # Isolated and without site-packages: the lifeline starts in a few milliseconds.
            [sys.executable, "-I", "-S", str(LIFELINE), str(grace_seconds), *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            env=dict(environment),
            start_new_session=True,
        )
        self._output = _Pump(self._process.stdout, log)
        self._error = _Pump(self._process.stderr, log)

    @property
    def group(self) -> int:
        """The process group of the command and everything that it starts."""
        return self._process.pid

    def wait(self) -> Ended:
        """Wait for the end. If this is interrupted by an exception, the command is ended too."""
        try:
            code = self._process.wait()
        finally:
            self.let_go()
        self._kill_leftovers()
        return Ended(code, self._output.last_line(), self._error.last_line())

    def let_go(self) -> None:
        """Ask the command to end, and have it killed if it does not. Returns at once; safe in a signal handler."""
        assert self._process.stdin is not None
        self._process.stdin.close()

    def _kill_leftovers(self) -> None:
        try:
            os.killpg(self.group, signal.SIGKILL)
        except ProcessLookupError:
            return  # the usual case: the command left nothing behind


class _Pump(threading.Thread):
    """Passes a stream's lines on as they come, and remembers the last."""

    def __init__(self, stream: IO[str] | None, log: Callable[[str], None]) -> None:
        super().__init__(daemon=True)
        assert stream is not None
        self._stream = stream
        self._log = log
        self._last = ""
        self.start()

    def run(self) -> None:
        with self._stream:
            for line in self._stream:
                if text := line.rstrip():
                    self._last = text
                    self._log(text)

    def last_line(self) -> str:
        self.join(PIPE_SECONDS)
        return self._last
