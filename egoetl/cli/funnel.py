"""The funnel of a build, as a person reads it at night."""

from collections import Counter

from rich.console import Console
from rich.text import Text

from egoetl.cli.tables import print_rows
from egoetl.cli.terminal import Terminal
from egoetl.runner.report import BuildReport


def print_funnel(report: BuildReport, console: Console | None = None) -> None:
    """Print stages, pairs by task, drops and failures by reason, and where the version lies."""
    console = console or Terminal()
    console.print(Text.assemble((report.build, "bold"), f": {report.state}"))
    waiting = any(counts.pending for counts in report.counts.values())
    stages = [{"stage": name, **counts.model_dump(exclude=None if waiting else {"pending"})} for name, counts in report.counts.items()]
    print_rows(stages, empty="No stage has run.", console=console)
    if report.qa:
        console.print()
        print_rows([{"task": task, "pairs": count} for task, count in report.qa.items()], empty="", console=console)
    _print_reasons(report, console)
    console.print()
    console.print(f"computed {report.computed}, reused {report.reused}")
    for name, whole in report.mends.items():
        console.print(f"mends {name}, which is {'whole with it' if whole else 'not whole yet'}", soft_wrap=True)
    for name in report.mended_by:
        console.print(f"mended by {name}", soft_wrap=True)
    if report.mends_version not in (None, report.version):
        console.print(f"version {report.version} takes the place of version {report.mends_version}")
    if report.version_path:
        console.print(f"version ({report.version_state}): {report.version_path}", soft_wrap=True)


def _print_reasons(report: BuildReport, console: Console) -> None:
    left_out = [{"left out of the version because": reason, "pairs": pairs} for reason, pairs in report.left_out.items()]
    failures = Counter((row["stage"], row["reason"]) for row in report.failures)
    rows = [{"stage": row["stage"], "dropped because": row["reason"], "units": row["units"]} for row in report.drops]
    if rows:
        console.print()
        print_rows(rows, empty="", console=console)
    if left_out:
        console.print()
        print_rows(left_out, empty="", console=console)
    if failures:
        console.print()
        print_rows(
            [{"stage": stage, "failed because": reason, "units": count} for (stage, reason), count in sorted(failures.items())],
            empty="",
            console=console,
        )
