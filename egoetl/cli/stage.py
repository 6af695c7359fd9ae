"""`egoetl stage run`: what an Airflow task or a pod runs."""

import asyncio
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from egoetl.core.ledger import Build
    from egoetl.runner.tools import Tools

app = typer.Typer(help="Run stages of a planned build.", no_args_is_help=True)


@app.callback()
def stage() -> None:
    """Run stages of a planned build."""


@app.command("run")
def run(
    build: Annotated[str, typer.Option(help="Name of the build.")],
    stages: Annotated[str, typer.Option(help="Stages to run in this order, separated by commas.")],
    shard: Annotated[int | None, typer.Option(min=0, help="The shard; none for publish and gate.")] = None,
) -> None:
    """Run stages over one shard, or a fold over the dataset. Only what is outstanding runs."""
    from egoetl.cli.progress import StageProgress
    from egoetl.core.errors import CallerError
    from egoetl.core.settings import load_settings
    from egoetl.runner.build import FOLDS, find_build, run_fold, run_stages
    from egoetl.runner.tools import Tools

    tools = Tools(load_settings())
    planned = find_build(tools, build)
    names = [name.strip() for name in stages.split(",") if name.strip()]
    if not names:
        raise CallerError("--stages names no stage; write STAGE or STAGE,STAGE.", reason="stages_missing")
    with StageProgress() as progress:
        for folds, group in groupby(names, lambda name: name in FOLDS):
            if not folds:
                # One event loop for all of them, so that they share what asks their models.
                asked = list(group)
                asyncio.run(run_stages(tools, planned, asked, _shard_of(planned, shard, asked), progress))
                continue
            for name in group:
                run_fold(tools, planned, name)
                _say_version(tools, planned)


def _shard_of(build: "Build", shard: int | None, stages: "list[str]") -> int:
    from egoetl.core.errors import CallerError

    if shard is None:
        raise CallerError(
            f"Stages {', '.join(stages)} run over a shard: add --shard K, one of {list(build.shards)}.", reason="shard_missing"
        )
    if shard not in build.shards:
        raise CallerError(f"Build {build.spec.name} has no shard {shard}; it has {list(build.shards)}.", reason="shard_unknown")
    return shard


def _say_version(tools: "Tools", build: "Build") -> None:
    """What a fold has made of the dataset, on the last line of its log."""
    if (version := tools.reports.version_of(build.seq)) is None:
        return
    stands = {"published": "is public", "candidate": "is a candidate", "superseded": "is superseded"}[version["state"]]
    place = f" and takes the place of version {version['mends']}" if version["mends"] is not None else ""
    typer.echo(f"Version {version['number']} of dataset {version['dataset']} {stands}{place}: {tools.store.url(version['path'])}")
