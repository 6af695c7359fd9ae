"""The ffmpeg program: the system's, or the one that the wheel imageio-ffmpeg brings."""

import shutil
import subprocess
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from egoetl.core.errors import ConfigError, DataError, TryAgainError

SAID_LINES = 3
MICROSECONDS = 1_000_000

Tell = Callable[[float], object]
"""Told the seconds written so far of the longest output."""


def find_ffmpeg() -> str:
    """The program's path. Raises ConfigError `ffmpeg_missing`."""
    if (installed := shutil.which("ffmpeg")) is not None:
        return installed
    try:
        from imageio_ffmpeg import get_ffmpeg_exe

        return get_ffmpeg_exe()
    except (ImportError, RuntimeError) as error:
        raise ConfigError(
            "There is no ffmpeg: install the system's, or egoetl with its extra `media`, which brings one.", reason="ffmpeg_missing"
        ) from error


class FfmpegRunner:
    """Runs ffmpeg, several at once from several threads; `stop` ends them all."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[str]] = set()
        self._lock = threading.Lock()
        self._stopped = False

    def run(self, command: Sequence[str], source: Path, tell: Tell) -> None:
        """Run one command, which must write its progress to standard output.

        Raises:
            DataError: `video_not_cut`, with ffmpeg's last words.
            TryAgainError: `stopped`, after `stop`.
        """
        with self._started(command) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            said = _Tail(process.stderr)
            for line in process.stdout:
                name, _, value = line.strip().partition("=")
                if name == "out_time_us" and value.isdecimal():
                    tell(int(value) / MICROSECONDS)
            code = process.wait()
            words = said.read()
        with self._lock:
            self._running.discard(process)
        if self._stopped:
            raise TryAgainError("Cutting was stopped; run the same command again to go on.", reason="stopped")
        if code != 0:
            raise DataError(
                f"ffmpeg could not cut {source} (exit {code}): {words or 'it said nothing'}; mend or re-encode the file.",
                reason="video_not_cut",
            )

    def stop(self) -> None:
        """End what runs; nothing is started afterwards."""
        with self._lock:
            self._stopped = True
            for process in self._running:
                process.kill()

    def _started(self, command: Sequence[str]) -> "subprocess.Popen[str]":
        with self._lock:
            if self._stopped:
                raise TryAgainError("Cutting was stopped; run the same command again to go on.", reason="stopped")
            # A session of its own: Ctrl-C reaches this process alone, which then ends ffmpeg.
            process = subprocess.Popen(
                list(command), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                text=True, errors="replace", start_new_session=True,
            )  # fmt: skip
            self._running.add(process)
            return process


class _Tail(threading.Thread):
    """Reads a stream to its end and keeps its last lines, so that its writer never waits."""

    def __init__(self, stream: Iterable[str]) -> None:
        super().__init__(daemon=True)
        self._stream = stream
        self._lines: list[str] = []
        self.start()

    def run(self) -> None:
        for line in self._stream:
            self._lines = [*self._lines, line.strip()][-SAID_LINES:]

    def read(self) -> str:
        """The last lines, once the stream has ended."""
        self.join()
        return " | ".join(line for line in self._lines if line)
