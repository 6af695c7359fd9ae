"""`egoetl`: the command line's root. Sub-commands import their work when they run, so that `--help` is quick."""

import logging
import signal
import sys
from typing import NoReturn

import typer

from egoetl.cli.backfill import backfill
from egoetl.cli.build import app as build_app
from egoetl.cli.db import app as db_app
from egoetl.cli.doctor import doctor
from egoetl.cli.evaluation import app as eval_app
from egoetl.cli.exits import run_command
from egoetl.cli.export import export
from egoetl.cli.footage import app as footage_app
from egoetl.cli.impact import impact
from egoetl.cli.ingest import ingest
from egoetl.cli.local import app as local_app
from egoetl.cli.materialize import materialize
from egoetl.cli.models import models
from egoetl.cli.purge import app as purge_app
from egoetl.cli.replies import replies
from egoetl.cli.stage import app as stage_app
from egoetl.cli.store import app as store_app
from egoetl.cli.trace import app as trace_app
from egoetl.cli.try_stage import try_stage

app = typer.Typer(
    name="egoetl",
    help="First-person video with sound into question-answer datasets.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(stage_app, name="stage")
app.add_typer(build_app, name="build")
app.add_typer(trace_app, name="trace")
app.add_typer(local_app, name="local")
app.add_typer(footage_app, name="footage")
app.add_typer(store_app, name="store")
app.add_typer(purge_app, name="purge")
app.add_typer(db_app, name="db")
app.add_typer(eval_app, name="eval")
app.command("ingest")(ingest)
app.command("backfill")(backfill)
app.command("try")(try_stage)
app.command("replies")(replies)
app.command("materialize")(materialize)
app.command("export")(export)
app.command("impact")(impact)
app.command("models")(models)
app.command("doctor")(doctor)


def main() -> NoReturn:
    """The `egoetl` executable."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    # A task that Airflow or Kubernetes ends must commit what is finished and give its lease back: end as Ctrl-C does.
    signal.signal(signal.SIGTERM, _interrupt)
    # Shells start background commands with SIGINT ignored, and then SIGTERM would do nothing either.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    run_command(_call)


def _interrupt(*_: object) -> None:
    signal.raise_signal(signal.SIGINT)


def _call() -> None:
    # Not `app()`, which has exit codes of its own for Ctrl-C and for a closed pipe.
    command = typer.main.get_command(app)
    with command.make_context("egoetl", sys.argv[1:]) as context:
        command.invoke(context)
