"""`egoetl stage run`: what an Airflow task or a pod runs."""

import asyncio
from typing import Annotated

import typer

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
    from egoetl.runner.build import FOLDS, find_build, run_fold
    from egoetl.runner.shard import run_stage
    from egoetl.runner.tools import Tools

    tools = Tools(load_settings())
    planned = find_build(tools, build)
    names = [name.strip() for name in stages.split(",") if name.strip()]
    if not names:
        raise CallerError("--stages names no stage; write STAGE or STAGE,STAGE.", reason="stages_missing")
    with StageProgress() as progress:
        for name in names:
            if name in FOLDS:
                run_fold(tools, planned, name)
            elif shard is None:
                raise CallerError(f"Stage {name} runs over a shard: add --shard K, one of {list(planned.shards)}.", reason="shard_missing")
            elif shard not in planned.shards:
                raise CallerError(f"Build {build} has no shard {shard}; it has {list(planned.shards)}.", reason="shard_unknown")
            else:
                asyncio.run(run_stage(tools, planned, name, shard, progress))
