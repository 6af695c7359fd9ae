"""Real processes: what a command starts never outlives the one who waits for it."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import psutil
import pytest

from egoetl.core.command_process import CommandProcess

AssertGone = Callable[[Iterable[int], float], None]

# A command that starts a child, tells both process ids, and sits there. `{ignore}` may make both deaf to SIGTERM.
TREE = """
import os, signal, subprocess, sys, time
{ignore}
child = "import signal, time; {ignore}; print(flush=True); time.sleep(600)"
child = subprocess.Popen([sys.executable, "-c", child], stdout=subprocess.PIPE)
child.stdout.readline()
print(os.getpid(), child.pid, flush=True)
time.sleep(600)
"""
DEAF = "signal.signal(signal.SIGTERM, signal.SIG_IGN)"


def start(program: str, log: Callable[[str], None] = lambda _: None, *, grace_seconds: float = 4.0) -> CommandProcess:
    return CommandProcess([sys.executable, "-c", program], os.environ, log, grace_seconds=grace_seconds)


class Lines:
    """A log that can be waited for."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self._more = threading.Event()

    def __call__(self, line: str) -> None:
        self.seen.append(line)
        self._more.set()

    def first(self) -> str:
        assert self._more.wait(20), "the command wrote nothing"
        return self.seen[0]


@pytest.mark.parametrize("code", [0, 1, 75, 126])
def test_the_exit_code_is_the_commands_own(code: int) -> None:
    assert start(f"raise SystemExit({code})").wait().code == code


def test_a_signal_that_ends_the_command_shows_as_128_and_its_number() -> None:
    assert start("import os; os.kill(os.getpid(), 9)").wait().code == 128 + signal.SIGKILL


def test_a_command_that_is_missing_says_so() -> None:
    ended = CommandProcess(["/nowhere/egoetl", "build"], os.environ, lambda _: None).wait()
    assert ended.code == 126
    assert ended.last_error == "/nowhere/egoetl cannot be run: No such file or directory."


def test_lines_of_both_streams_arrive_while_the_command_still_runs() -> None:
    lines = Lines()
    running = start("import sys, time; print('one', flush=True); time.sleep(1); print('two', file=sys.stderr); print('three')", lines)
    assert lines.first() == "one"
    assert running._process.poll() is None
    ended = running.wait()
    assert sorted(lines.seen) == ["one", "three", "two"]
    assert (ended.last_output, ended.last_error) == ("three", "two")


def test_progress_that_returns_the_carriage_comes_line_by_line_and_bytes_that_are_no_text_do_no_harm() -> None:
    lines = Lines()
    start(r"import sys; sys.stdout.buffer.write(b'1 of 2\r2 of 2\r\n\n\xff\n')", lines).wait()
    assert lines.seen == ["1 of 2", "2 of 2", "\ufffd"]


@pytest.mark.parametrize("ignore", ["pass", DEAF])
def test_letting_go_ends_the_whole_tree_even_if_it_ignores_sigterm(ignore: str, assert_gone: AssertGone) -> None:
    lines = Lines()
    running = start(TREE.format(ignore=ignore), lines, grace_seconds=0.5)
    tree = [int(each) for each in lines.first().split()]
    before = time.monotonic()
    running.let_go()
    assert running.wait().code != 0
    assert time.monotonic() - before < 3
    assert_gone(tree, 2)


def test_a_process_that_the_command_leaves_behind_is_killed_with_its_end(assert_gone: AssertGone) -> None:
    left = "import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']).pid)"
    ended = start(left).wait()
    assert ended.code == 0
    assert_gone([int(ended.last_output)], 2)


@pytest.mark.parametrize("ignore", ["pass", DEAF])
def test_the_tree_dies_with_a_caller_that_is_killed(ignore: str, tmp_path: Path, assert_gone: AssertGone) -> None:
    script = tmp_path / "caller.py"
    script.write_text(
        "import os, sys\n"
        "from egoetl.core.command_process import CommandProcess\n"
        f"command = [sys.executable, '-c', {TREE.format(ignore=ignore)!r}]\n"
        "CommandProcess(command, os.environ, lambda line: print(line, flush=True), grace_seconds=0.5).wait()\n"
    )
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as caller:
        assert caller.stdout is not None
        tree = [int(each) for each in caller.stdout.readline().split()]
        assert all(psutil.pid_exists(each) for each in tree)
        caller.kill()
    assert_gone(tree, 8)


def test_the_tree_dies_with_a_lifeline_that_is_killed_or_asked_to_end(assert_gone: AssertGone) -> None:
    for number in (signal.SIGKILL, signal.SIGTERM):
        lines = Lines()
        running = start(TREE.format(ignore="pass"), lines)
        tree = [int(each) for each in lines.first().split()]
        os.kill(running.group, number)
        assert running.wait().code != 0
        assert_gone(tree, 2)
