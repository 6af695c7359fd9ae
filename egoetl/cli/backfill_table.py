"""The answer of a backfill's dry run, for people: at most 80 columns, what matters most last, where a log is open."""

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from egoetl.cli.tables import print_rows
from egoetl.core.backfill import Forecast, StageForecast

MOST_REASONS = 10


def print_forecast(answer: Forecast, console: Console, *, dry_run: bool) -> None:
    """Print what is selected and why, what would be done by stage, what hangs below it, and what it is likely to cost."""
    print_rows(_reasons(answer), empty="", console=console)
    if len(answer.selected) > MOST_REASONS:
        console.print(f"and {len(answer.selected) - MOST_REASONS} more reasons")
    console.print()
    print_rows(_stages(answer), empty="Nothing would be computed.", console=console)
    console.print()
    for sentence in _sentences(answer):
        console.print(sentence)
    units = sum(each["units"] for each in answer.selected)
    what = f"{_count(units, 'unit')} of {_count(answer.clips, 'clip')} selected, {answer.computed} to compute."
    console.print(Text.assemble(("Dry run, nothing is written: " if dry_run else "Backfill: ", "bold"), what))


def _reasons(answer: Forecast) -> list[dict[str, object]]:
    shown = {"selected in": "stage", "state": "state", "because": "reason", "units": "units"}
    return [{name: each[column] for name, column in shown.items()} for each in answer.selected[:MOST_REASONS]]


def _stages(answer: Forecast) -> list[dict[str, object]]:
    """The stages that have something to compute, and their sum."""
    working = [each for each in answer.stages if each.computed]
    rows = [_row(each.stage, each.computed, each.blocked, each.seconds, _tokens(each)) for each in working]
    known = [each.seconds for each in working if each.seconds is not None]
    counted = [tokens for each in working if (tokens := _tokens(each)) is not None]
    blocked = sum(each.blocked for each in working)
    total = _row("all", answer.computed, blocked, sum(known) if known else None, sum(counted) if counted else None)
    return [*rows, total] if rows else []


def _row(stage: str, computed: int, blocked: int, seconds: float | None, tokens: int | None) -> dict[str, object]:
    return {
        "stage": stage,
        "to compute": computed,
        "blocked now": blocked,
        "likely seconds": None if seconds is None else round(seconds, 1),
        "likely tokens": tokens,
    }


def _tokens(each: StageForecast) -> int | None:
    return None if each.prompt_tokens is None or each.completion_tokens is None else each.prompt_tokens + each.completion_tokens


def _sentences(answer: Forecast) -> Iterator[str]:
    working = [each for each in answer.stages if each.computed]
    yield f"{sum(each.reused for each in answer.stages)} results of these clips are reused."
    if working:
        yield "Likely seconds and tokens are those of past attempts at the stage by the same model; seconds add up over workers."
    if unknown := [each.stage for each in working if each.seconds is None]:
        yield f"Nothing is known of what {', '.join(unknown)} may take: no such attempt was made yet."
    if working and all(_tokens(each) is None for each in working):
        yield "Tokens are not known: past attempts counted none."
    yield from _below(answer)
    if answer.refused_rows:
        yield f"{_count(answer.refused_rows, 'manifest row')} refused in these builds: correct the manifest and build again."
    for name in answer.unfinished:
        yield f"Left out, since it has not come to its gate: {name}."
    for name in answer.mends:
        yield f"Mends {name}."


def _below(answer: Forecast) -> Iterator[str]:
    """What hangs below the selected units beyond what the table counts."""
    if answer.undrafted:
        yield f"verify also gets the pairs of {_count(answer.undrafted, 'QA unit')}: how many, shows when they are drafted."
    if answer.unforeseen:
        yield f"{_count(answer.unforeseen, 'unit')} may follow, whose inputs are not known before they are made."
    if answer.pairs:
        held = f"; versions {', '.join(str(each) for each in answer.versions)} hold some of them and stay" if answer.versions else ""
        yield f"{_count(answer.pairs, 'pair')} would be superseded{held}."
    if answer.unchanged:
        yield f"{_count(answer.unchanged, 'selected unit')} would only be reused: nothing that they depend on has changed."


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
