"""What the demo says at its end: the funnel, how right the engine was, where everything is, and what to ask."""

from typing import TYPE_CHECKING

from rich.console import Console

from egoetl.cli.funnel import print_funnel
from egoetl.cli.tables import print_rows
from egoetl.core.model_file import MEASURED
from egoetl.runner.report import BuildReport, build_report

if TYPE_CHECKING:
    from egoetl.footage.score import Comparison
    from egoetl.local.demo import Demo


def print_closing(demo: "Demo", run: str, seconds: float) -> None:
    """Print what the run came to, on standard output."""
    console = Console(highlight=False)
    report = build_report(demo.tools, demo.build_of(run), seconds)
    console.print()
    print_funnel(report, console)
    _print_order_types(demo, report.build, console)
    _print_comparison(demo.comparison(report.build), console)
    _print_places(demo, run, console)
    _print_queries(demo, report.build, console)
    if report.state == "succeeded":
        console.print()
        console.print(f"{_sentence(report, demo.engine)} {seconds:.0f} s in all.", markup=False, soft_wrap=True)


def print_failure(demo: "Demo", run: str) -> None:
    """Name the tasks that failed, why, and their logs."""
    from egoetl.local.demo import DAG
    from egoetl.local.task_logs import failed_tasks

    console = Console(stderr=True, highlight=False)
    for each in failed_tasks(demo.installation.airflow, DAG, run):
        console.print(f"Task {each.task} failed: {each.reason}\n  log: {each.log}", markup=False, soft_wrap=True)


def _sentence(report: BuildReport, engine: str) -> str:
    if report.computed:
        again = "make demo" if engine == MEASURED else f"make demo ENGINE={engine}"
        return f"Computed {report.computed} results and reused {report.reused}; run `{again}` again and it computes none."
    return f"Nothing was computed again: computed 0, reused {report.reused}."


def _print_order_types(demo: "Demo", build: str, console: Console) -> None:
    rows = [
        {"type of before/after": kind, "before": counts["before"], "after": counts["after"]}
        for kind, counts in demo.order_types(build).items()
    ]
    if rows:
        console.print()
        print_rows(rows, empty="", console=console)


def _print_comparison(comparison: "Comparison", console: Console) -> None:
    measures = {**comparison.score.measures, "all": comparison.score.overall}
    chance = {**comparison.chance.measures, "all": comparison.chance.overall}
    rows = [
        {
            "what the engine said": name,
            "said": counts.said,
            "true": counts.true,
            "precision (chance)": f"{_share(counts.precision)} ({_share(chance[name].precision)})",
            "recall (chance)": f"{_share(counts.recall)} ({_share(chance[name].recall)})",
        }
        for name, counts in measures.items()
    ]
    console.print()
    print_rows(rows, empty="", console=console)
    console.print("Against truth.json; by chance: against the truth of the other videos.", style="dim")


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _print_places(demo: "Demo", run: str, console: Console) -> None:
    login = demo.installation.login()
    console.print()
    console.print("[bold]Airflow[/bold]")
    console.print(f"  {login['airflow_url']}/dags/build_egoavu/runs/{run}", soft_wrap=True)
    console.print(f"  user {login['airflow_user']}, password in {login['airflow_password_file']}", soft_wrap=True)


def _print_queries(demo: "Demo", build: str, console: Console) -> None:
    console.print()
    console.print("[bold]Ask the lineage database[/bold]")
    for question, command in demo.queries(build):
        console.print(f"  # {question}\n  {command}", markup=False, soft_wrap=True)
