"""`egoetl eval compare`: what the difference between two runs is worth."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from egoetl.runner.comparing import Comparison, Difference

_SURE = 0.05


def compare(
    first: Annotated[str, typer.Argument(metavar="A", help="A report's JSON file, or the name of a run.")],
    second: Annotated[str, typer.Argument(metavar="B", help="Another one, over the same benchmark.")],
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Compare two runs on the questions that both have a score for: B less A, with interval, p-value and what could be seen."""
    from egoetl.cli.exits import print_json
    from egoetl.runner.comparing import compare_reports
    from egoetl.runner.report_source import report_from

    found = compare_reports(report_from(first), report_from(second))
    if json:
        print_json(found.model_dump(mode="json"))
    else:
        _print(found)


def _print(found: "Comparison") -> None:
    from egoetl.cli.tables import print_rows
    from egoetl.cli.terminal import Terminal

    terminal = Terminal()
    terminal.print(f"{found.benchmark}: A is {found.first}, B is {found.second}", soft_wrap=True)
    for measure in dict.fromkeys(each.measure for each in found.differences):
        rows = [each for each in found.differences if each.measure == measure]
        terminal.print()
        print_rows([_row(each) for each in rows], empty="", title=measure, console=terminal)
        for each in rows[:1]:
            for line in _words(each):
                terminal.print(line, soft_wrap=True)
    terminal.print()
    terminal.print("p: of the paired t test, clustered by video; Holm: adjusted over a measure's tasks.")


def _row(each: "Difference") -> dict[str, Any]:
    from egoetl.cli.report_table import interval, shown

    return {
        "task": each.task,
        "A": shown(each.first, each.scale),
        "B": shown(each.second, each.scale),
        "B - A": shown(each.difference, each.scale) or "none",
        "95 % interval": interval(each.low, each.high, each.scale),
        "p": _probability(each.p_value),
        "Holm": _probability(each.adjusted),
    }


def _probability(value: float | None) -> str | None:
    return None if value is None else "<.001" if value < 0.001 else f"{value:.3f}".removeprefix("0")


def _words(each: "Difference") -> list[str]:
    """How much of the questions is common, and what so many videos can show."""
    from egoetl.cli.report_table import shown

    lines = [f"{each.common} questions about {each.videos} videos are common, {each.not_common} are not."]
    if each.mcnemar is not None:
        lines.append(f"McNemar's exact test, which takes no notice of videos, has p {_probability(each.mcnemar)}.")
    if each.detectable is None:
        return [*lines, "Too little varies, or between too few videos, to tell how sure the difference is."]
    lines.append(f"So many videos show a difference of {shown(each.detectable, each.scale)} or more in 80 of 100 cases.")
    if each.p_value is not None and each.p_value >= _SURE and each.videos_needed is not None:
        lines.append(f"To show one as large as this, it takes about {each.videos_needed} videos with {each.items_needed} questions.")
    return lines
