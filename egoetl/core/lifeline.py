"""Run one command whose process group ends when the caller does.

    python lifeline.py GRACE_SECONDS COMMAND [ARGUMENT]...

The caller starts this in a session of its own and holds the other end of its standard input. When that closes,
because the caller let go of it or died in whatever way, the group has GRACE_SECONDS after SIGTERM and is then
killed: no process outlives its Airflow task, not even if the task's worker was killed with SIGKILL. The exit
code is the command's, or 128 plus the number of the signal that ended it.
"""

import os
import select
import signal
import subprocess
import sys
import threading
from typing import NoReturn

CALLER = 0
"""Standard input: end of file means that nobody waits for the command any more."""


class _AskedToEnd(Exception):  # noqa: N818 - a request, not an error
    """SIGTERM arrived."""


def main(grace_seconds: float, command: list[str]) -> int:
    """Run the command and return its exit code; does not return once the caller is gone."""
    try:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    except OSError as error:
        print(f"{command[0]} cannot be run: {error.strerror}.", file=sys.stderr)
        return 126
    ended = _end_of(process)
    if not _ended_first(ended):
        _end_group(ended, grace_seconds)
    code = process.wait()
    return code if code >= 0 else 128 - code


def _end_of(process: "subprocess.Popen[bytes]") -> int:
    """A file descriptor that becomes readable when the process ends, on every Unix."""
    readable, held = os.pipe()

    def watch() -> None:
        process.wait()
        os.close(held)

    threading.Thread(target=watch, daemon=True).start()
    return readable


def _ended_first(ended: int) -> bool:
    """Wait for the command or the caller to end; True if it was the command."""
    signal.signal(signal.SIGTERM, _ask_to_end)
    try:
        ready, _, _ = select.select([CALLER, ended], [], [])
    except _AskedToEnd:
        return False
    return ended in ready


def _end_group(ended: int, grace_seconds: float) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.killpg(0, signal.SIGTERM)
    select.select([ended], [], [], grace_seconds)
    os.killpg(0, signal.SIGKILL)
    raise AssertionError("unreachable: this process is one of the group")


def _ask_to_end(*_: object) -> NoReturn:
    raise _AskedToEnd


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), sys.argv[2:]))
