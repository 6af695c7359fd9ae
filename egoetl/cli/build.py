"""`egoetl build`: plan, run, look at, cancel, retry, record and drop builds."""

import asyncio
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Collection

    from egoetl.core.ledger import Build
    from egoetl.runner.plan import Order
    from egoetl.runner.tools import Tools

app = typer.Typer(help="Plan, run and inspect builds.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="End with one JSON object on standard output.")]
Name = Annotated[str, typer.Argument(help="Name of the build.")]
RecipeName = Annotated[str, typer.Argument(help="Name of the recipe, such as egoavu.")]
Manifest = Annotated[
    str | None,
    typer.Option(metavar="CSV", help="CSV with id,start_time,end_time[,split][,uri][,narrations], seconds; a path or s3://bucket/key."),
]
Arrivals = Annotated[bool, typer.Option("--arrivals", help="Also what has arrived below ROOT; without a manifest, that alone.")]
Videos = Annotated[str, typer.Option(metavar="ROOT", help="Folder or s3://bucket/prefix of the videos that the manifest names.")]
BuildName = Annotated[str | None, typer.Option("--name", help="Name of the build; the same order under the same name goes on with it.")]
Engine = Annotated[str | None, typer.Option(help="Who answers for roles that no --set names. Left out: the installation's default.")]
Limit = Annotated[int | None, typer.Option(min=1, help="Take only the first rows of the manifest.")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="K=V", help="STAGE.PARAMETER=VALUE, role.ROLE=MODEL or SETTING=VALUE; repeatable."),
]


@app.command("plan")
def plan(
    recipe: RecipeName,
    videos: Videos,
    manifest: Manifest = None,
    name: BuildName = None,
    arrivals: Arrivals = False,
    waiting: Annotated[bool, typer.Option("--waiting", help="Of what has arrived, take what no build has taken.")] = False,
    night: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Take the rows registered on this day.")] = None,
    engine: Engine = None,
    limit: Limit = None,
    settings: Set = None,
    json: Json = False,
) -> None:
    """Write a build down, cut into shards, without running it."""
    from egoetl.cli.exits import print_json
    from egoetl.cli.shards import shard_labels

    tools = _tools()
    order = _order(recipe, manifest, videos, name, engine, limit, settings).model_copy(
        update={"night": night.date() if night else None, "arrivals": arrivals or waiting or manifest is None, "waiting": waiting}
    )
    build = _planned(tools, order)
    shards = shard_labels(tools.ledger, build)
    if json:
        print_json({"build": build.spec.name, "shards": shards})
    else:
        typer.echo(f"{build.spec.name}: {len(shards)} shard{'' if len(shards) == 1 else 's'}")


@app.command("run")
def run(
    recipe: RecipeName,
    videos: Videos,
    manifest: Manifest = None,
    name: BuildName = None,
    arrivals: Arrivals = False,
    engine: Engine = None,
    first: Annotated[
        str | None, typer.Option("--from", metavar="STAGE", help="Compute from this stage on; reuse what comes before.")
    ] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="STAGE", help="Stop after this stage.")] = None,
    limit: Limit = None,
    settings: Set = None,
    json: Json = False,
) -> None:
    """Plan a build and run it in this process, without Airflow."""
    tools = _tools()
    order = _order(recipe, manifest, videos, name, engine, limit, settings).model_copy(
        update={"first_stage": first, "last_stage": last, "arrivals": arrivals or manifest is None}
    )
    run_and_report(tools, _planned(tools, order), json=json)


@app.command("retry")
def retry(
    name: Name,
    stage: Annotated[str | None, typer.Option(help="Only units of this stage, and what hangs below.")] = None,
    reason: Annotated[str | None, typer.Option(help="Only units that failed for this reason.")] = None,
    json: Json = False,
) -> None:
    """Run a build's failed units again, and what they blocked; go on with a cancelled build."""
    from egoetl.runner.build import find_build, reopen

    tools = _tools()
    build = find_build(tools, name)
    run_and_report(tools, build, json=json, stay_failed=reopen(tools, build, stage, reason))


@app.command("cancel")
def cancel(name: Name, json: Json = False) -> None:
    """Stop a build, wherever it runs. What is finished stays; `build retry` goes on with it."""
    from egoetl.cli.exits import print_json
    from egoetl.runner.cancelling import cancel_build

    cancelled = cancel_build(_tools(), name)
    if json:
        print_json(cancelled.model_dump(mode="json"))
        return
    typer.echo(f"{name} is cancelled: {cancelled.finished} of {cancelled.units} units are finished, {cancelled.pending} are pending.")
    for worker in cancelled.workers:
        typer.echo(f"Still finishing its unit: {worker}.")


@app.command("list")
def list_builds(json: Json = False) -> None:
    """All builds, newest first."""
    from egoetl.cli.exits import print_json
    from egoetl.cli.tables import print_rows

    rows = _tools().reports.list_builds()
    if json:
        print_json({"builds": rows})
    else:
        for row in rows:
            row["pending"] = row["pending"] or None
        shown = ("name", "state", "dataset", "version", "units", "failed", "pending")
        print_rows(
            [{name: row[name] for name in shown} for row in rows],
            empty="No builds yet; `egoetl build run egoavu --manifest CSV --videos DIR` makes one.",
        )


@app.command("show")
def show(name: Name, json: Json = False) -> None:
    """How a build stands: its funnel, its pairs, its drops and failures."""
    tools = _tools()
    _print_report(tools, tools.ledger.build(name), 0.0, json=json)


@app.command("failed")
def failed(name: Name, json: Json = False) -> None:
    """What failed in a build, why, and where in Airflow."""
    from egoetl.cli.exits import print_json
    from egoetl.cli.failures import print_failures

    tools = _tools()
    build = tools.ledger.build(name)
    rows, pending = tools.reports.failures(build.seq), tools.reports.yield_counts(build.seq)["pending"]
    if json:
        print_json({"build": name, "state": build.state, "pending": pending, "failures": rows})
        return
    if build.state == "cancelled":
        typer.echo(f"{name} was cancelled with {pending} units pending; `egoetl build retry {name}` goes on with it.")
    print_failures(name, rows)


@app.command("record")
def record(
    name: Name,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The recording to write.")],
    json: Json = False,
) -> None:
    """Write what models said in a build into one file, which the engine `replay` plays back without any model."""
    from egoetl.cli.exits import print_json
    from egoetl.runner.recording import record_build

    recorded = record_build(_tools(), name, out)
    if json:
        print_json(recorded.model_dump(mode="json"))
        return
    size = f"{recorded.size_bytes / 1e3:,.0f} kB"
    typer.echo(f"{out} holds {recorded.replies:,} replies of {', '.join(recorded.models)}, {size}; EGOETL_RECORDING={out} plays it back.")


@app.command("drop")
def drop(name: Name) -> None:
    """Forget what a build did. Its results stay for other builds; a build that made a version is kept."""
    tools = _tools(owner=True)
    tools.reports.drop_build(tools.ledger.build(name).seq)
    typer.echo(f"{name} is dropped; its results stay for other builds.")


def _tools(*, owner: bool = False) -> "Tools":
    from egoetl.core.settings import load_settings
    from egoetl.runner.tools import Tools

    settings = load_settings()
    return Tools(settings.as_owner() if owner else settings)


def _order(
    recipe: str, manifest: str | None, videos: str, name: str | None, engine: str | None, limit: int | None, settings: list[str] | None
) -> "Order":
    from egoetl.cli.recipe_settings import settings_of
    from egoetl.runner.plan import Order

    return Order(recipe=recipe, manifest=manifest, videos=videos, name=name, engine=engine, limit=limit, settings=settings_of(settings))


def _planned(tools: "Tools", order: "Order") -> "Build":
    from egoetl.runner.plan import plan_build

    return plan_build(tools, order)


def run_and_report(tools: "Tools", build: "Build", *, json: bool, stay_failed: "Collection[tuple[str, str]]" = ()) -> None:
    """Run what is outstanding and report, also when the gate stays closed or somebody cancels the build."""
    from egoetl.cli.progress import StageProgress
    from egoetl.core.errors import CancelledError, DataError
    from egoetl.runner.build import run_build

    started = time.monotonic()
    try:
        with StageProgress() as progress:
            asyncio.run(run_build(tools, build, progress, stay_failed))
    except (DataError, CancelledError):
        _print_report(tools, build, time.monotonic() - started, json=json)
        raise
    _print_report(tools, build, time.monotonic() - started, json=json)


def _print_report(tools: "Tools", build: "Build", seconds: float, *, json: bool) -> None:
    from egoetl.cli.exits import print_json
    from egoetl.cli.funnel import print_funnel
    from egoetl.runner.report import build_report

    report = build_report(tools, build.spec.name, seconds)
    if json:
        print_json(report.model_dump(mode="json"))
    else:
        print_funnel(report)
