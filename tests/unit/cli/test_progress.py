"""Progress as a log and as a terminal shows it."""

import io
import sys

import pytest

from egoetl.cli import progress
from egoetl.cli.progress import StageProgress
from egoetl.runner.shard import ShardReport


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch):
    """A clock that a test moves: `clock[0] += 5`."""
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def report(finished: int, total: int = 10, **counts: int) -> ShardReport:
    return ShardReport("caption", 3, total=total, **{"computed": finished, **counts})


def test_a_log_gets_a_line_now_and_then_and_one_at_the_end(clock, capsys: pytest.CaptureFixture[str]) -> None:
    with StageProgress() as show:
        for finished in range(11):
            show(report(finished))
            clock[0] += 4
    assert capsys.readouterr().err.splitlines() == [
        "caption shard 3: 3 of 10 (computed 3, reused 0, already 0, failed 0, blocked 0), about 28 s left",
        "caption shard 3: 6 of 10 (computed 6, reused 0, already 0, failed 0, blocked 0), about 16 s left",
        "caption shard 3: 9 of 10 (computed 9, reused 0, already 0, failed 0, blocked 0), about 4 s left",
        "caption shard 3: 10 of 10 (computed 10, reused 0, already 0, failed 0, blocked 0)",
    ]


def test_what_was_there_already_does_not_make_the_estimate_look_good(clock, capsys: pytest.CaptureFixture[str]) -> None:
    with StageProgress() as show:
        show(report(0, already=8))
        clock[0] += 20
        show(report(1, already=8))
    assert capsys.readouterr().err.endswith(
        "caption shard 3: 9 of 10 (computed 1, reused 0, already 8, failed 0, blocked 0), about 20 s left\n"
    )


def test_a_stage_with_nothing_to_do_says_so_once(clock, capsys: pytest.CaptureFixture[str]) -> None:
    with StageProgress() as show:
        show(report(0, total=0))
    assert capsys.readouterr().err == "caption shard 3: 0 of 0 (computed 0, reused 0, already 0, failed 0, blocked 0)\n"


def test_a_terminal_keeps_a_line_of_each_stage_that_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    with StageProgress() as show:
        for finished in range(11):
            show(report(finished))
        show(ShardReport("mcg", 3, total=5, computed=1))
    assert "caption shard 3: 10 of 10 (computed 10," in screen.getvalue()
    assert "mcg shard 3" in screen.getvalue()
    assert "mcg shard 3: 5 of 5" not in screen.getvalue()
