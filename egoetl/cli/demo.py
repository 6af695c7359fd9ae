"""`egoetl local demo`: from nothing to a small dataset, with a live display and a closing that a newcomer can follow."""

import time
from typing import Annotated

import typer


def demo(
    engine: Annotated[str, typer.Option(help="Who answers for every model role.")] = "measured",
    limit: Annotated[int | None, typer.Option(min=1, help="Take only the first rows of the manifest.")] = None,
) -> None:
    """Make sample footage, start everything, and build a small EgoAVU dataset from it through Airflow."""
    from egoetl.cli.demo_closing import print_closing, print_failure
    from egoetl.cli.stage_table import StageTable
    from egoetl.core.errors import DataError
    from egoetl.core.settings import load_settings
    from egoetl.local.demo import Demo
    from egoetl.local.installation import Installation
    from egoetl.local.progress import Steps

    started = time.monotonic()
    steps = Steps()
    shown = Demo(Installation.of(load_settings()), engine)
    shown.prepare(steps)
    run = shown.trigger(limit)
    steps.say(f"Run {run} of {shown.api.address}/dags/build_egoavu/runs/{run}")
    with StageTable(steps.console, shown.stages) as look:
        state = shown.follow(run, look)
    if shown.is_planned(run):
        print_closing(shown, run, time.monotonic() - started)
    if state != "success":
        print_failure(shown, run)
        raise DataError(f"Run {run} failed; mend the cause named above and run `make demo` again.", reason="demo_failed")
