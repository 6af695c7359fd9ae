"""The live table of a running build."""

import io
from typing import Any

import pytest
from rich.console import Console

from egoetl.cli.stage_table import StageTable, estimate


def row(stage: str, total: int, done: int = 0, **counts: int) -> dict[str, Any]:
    return {"stage": stage, "total": total, "done": done, "dropped": 0, "failed": 0, "blocked": 0, "reused": 0, **counts}


def test_no_estimate_before_anything_is_finished() -> None:
    assert estimate([row("register", 9), row("split", 0)], 5.0) is None


def test_half_of_the_stages_done_leaves_as_much_time_again() -> None:
    assert estimate([row("register", 9, 9), row("split", 0)], 30.0) == pytest.approx(30.0)


def test_whatever_became_of_a_unit_it_is_finished() -> None:
    rows = [row("verify", 8, 2, dropped=2, failed=1, blocked=1)]
    assert estimate(rows, 30.0) == pytest.approx(10.0)


def test_without_a_terminal_a_line_comes_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = iter([0.0, 5.0, 5.0, 12.0, 12.0, 12.0])
    monkeypatch.setattr("egoetl.cli.stage_table.time.monotonic", lambda: next(seconds))
    out = io.StringIO()
    with StageTable(Console(file=out, force_terminal=False, width=200), ["register", "split"]) as look:
        look([row("register", 9, 3)])
        look([row("register", 9, 9)])
    assert out.getvalue() == "12 s, about 12 s left: register 9/9\n"


def test_on_a_terminal_every_stage_is_shown_from_the_start() -> None:
    out = io.StringIO()
    with StageTable(Console(file=out, force_terminal=True, width=80), ["register", "split"]) as look:
        look([row("register", 9, 3, reused=2)])
    shown = out.getvalue()
    assert "register" in shown
    assert "split" in shown
    assert "3/9" in shown
