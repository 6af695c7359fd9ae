"""A report of an evaluation as a person reads it, in 80 columns."""

from typing import TYPE_CHECKING, Any

from egoetl.core.evaluation import Report, Score

if TYPE_CHECKING:
    from egoetl.cli.terminal import Terminal

_SUSPICIOUS = 10
"""Questions that are named; of more it is told how many."""


def print_report(report: Report) -> None:
    """Print each measure by task with its interval and coverage, then what was not scored and what a reader must know."""
    from egoetl.cli.tables import print_rows
    from egoetl.cli.terminal import Terminal

    terminal = Terminal()
    terminal.print(f"{report.run}: {report.benchmark}, version {report.benchmark_version}, {report.model}", soft_wrap=True)
    for measure in dict.fromkeys(each.measure for each in report.scores):
        terminal.print()
        rows = [_row(each) for each in report.scores if each.measure == measure]
        print_rows(rows, empty="", title=measure, console=terminal)
    if not report.scores:
        terminal.print("No measure applies to any question.")
    terminal.print()
    _print_counts(terminal, report)


def shown(value: float | None, scale: float) -> str | None:
    """A value as it is shown: percentages with two decimals, all else with three."""
    from egoetl.runner.scoring import PERCENT

    return None if value is None else f"{value * scale:.{2 if scale == PERCENT else 3}f}"


def interval(low: float | None, high: float | None, scale: float) -> str | None:
    """An interval as it is shown, with a decimal less than a value."""
    from egoetl.runner.scoring import PERCENT

    digits = 1 if scale == PERCENT else 2
    return None if low is None or high is None else f"{low * scale:.{digits}f} to {high * scale:.{digits}f}"


def _row(each: Score) -> dict[str, Any]:
    return {
        "task": each.task,
        "value": shown(each.value, each.scale) or "none",
        "95 % interval": interval(each.low, each.high, each.scale),
        "scored": f"{each.scored}/{each.total}",
        "missing as 0": shown(each.missing_as_zero, each.scale) if each.scored < each.total else None,
        "reference": shown(each.legacy, each.scale),
    }


def _print_counts(terminal: "Terminal", report: Report) -> None:
    from egoetl.cli.tables import print_rows

    counted = ", ".join(f"{count} {status}" for status, count in report.counts.items() if count)
    terminal.print(f"{len(report.items)} questions: {counted or 'none'}.", soft_wrap=True)
    if report.refused:
        terminal.print()
        print_rows([{"refused rows": reason, "count": count} for reason, count in report.refused.items()], empty="", console=terminal)
    if report.suspicious:
        more = len(report.suspicious) - _SUSPICIOUS
        named = ", ".join(report.suspicious[:_SUSPICIOUS]) + (f" and {more} more" if more > 0 else "")
        terminal.print(f"Suspicious, as the answer holds the reference answer and was graded lowest: {named}.", soft_wrap=True)
    for note in report.notes:
        terminal.print(f"- {note}", soft_wrap=True)
