"""Run one container's command; when the API that started it is gone, in whatever way, the whole process group is killed.

    python guard.py COMMAND [ARGUMENT]...

The API starts this in a session of its own and holds the other end of its standard input. Like the first process of
a container it ends with the command's exit code, or 128 plus the number of the signal that ended the command.
"""

import os
import signal
import subprocess
import sys
import threading

CANNOT_RUN = 127


def main(command: list[str]) -> int:
    """Run the command and return its exit code."""
    for meant_for_the_command in (signal.SIGTERM, signal.SIGINT):  # which is of the same group
        signal.signal(meant_for_the_command, lambda *_: None)
    try:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    except OSError as error:
        print(f"{command[0]} cannot be run: {error.strerror}.", file=sys.stderr)
        return CANNOT_RUN
    threading.Thread(target=_end_with_caller, daemon=True).start()
    code = process.wait()
    return code if code >= 0 else 128 - code


def _end_with_caller() -> None:
    os.read(0, 1)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
