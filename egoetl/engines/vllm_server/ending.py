"""How a vLLM server has ended, in words, from its exit code and last lines."""

import re
import signal
from collections.abc import Sequence

LINES = 150
"""How far back an exception counts as the cause: a server that has served for long has survived earlier ones."""
LONGEST = 300
"""Characters of a line that are shown."""
_SAID = re.compile(
    r"(?:^|\s)((?:[\w.]+\.)?[A-Z]\w*(?:Error|Exception|Exit)\b: .+|Value error, .+|vllm serve: error: .+|\S+ cannot be run: .+)"
)
_EMPTY = re.compile(r"Engine core initialization failed|See (root cause|stack trace).* above|WorkerProc initialization failed")
"""Exceptions that name no cause."""
_LOST = re.compile(r"engine core exited unexpectedly|Failed core proc\(s\): .*: -9")
"""A process of the server was killed, which it cannot say itself."""
_PREFIX = re.compile(r"^\([^)]*\)\s+((ERROR|WARNING|INFO|CRITICAL) \S+ \S+ \[[^\]]*\]\s*)?")
_SIGNALLED = 128
_MEMORY = ", perhaps because the machine's memory was full"


def how_ended(lines: Sequence[str], code: int) -> str:
    """The end of a server in words: the signal that killed it or a process of it, else the last exception that names a cause."""
    if code > _SIGNALLED:
        return f"it was killed with signal {code - _SIGNALLED}" + _MEMORY * (code - _SIGNALLED == signal.SIGKILL)
    plain = [_PREFIX.sub("", line).strip() for line in lines[-LINES:]]
    if named := [found[1] for line in plain if (found := _SAID.search(line)) and not _EMPTY.search(line)]:
        return _shortened(named[-1])
    if any(_LOST.search(line) for line in plain):
        return f"its engine was killed{_MEMORY}"
    last = next((line for line in reversed(plain) if line), "it said nothing")
    return f"exit code {code}, {_shortened(last)}"


def _shortened(line: str) -> str:
    return (line if len(line) <= LONGEST else line[:LONGEST] + "…").rstrip(".;")
