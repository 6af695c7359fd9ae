"""`egoetl eval run`: a model answers a benchmark's questions, judges grade the answers, and the scores are printed."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from egoetl.core.ledger import Build
    from egoetl.runner.evaluating import Evaluation
    from egoetl.runner.tools import Tools

Bench = Annotated[str, typer.Argument(metavar="BENCH", help="Name of the benchmark, such as egotextvqa.")]
Data = Annotated[str, typer.Option(metavar="PATH", help="Folder or s3://bucket/prefix with the benchmark's published files.")]
Videos = Annotated[str | None, typer.Option(metavar="ROOT", help="Folder or s3://bucket/prefix of the videos. Left out: the data's.")]
Model = Annotated[
    str | None,
    typer.Option(metavar="MODEL", help="Who answers: a model of the catalogue, ID@REVISION, a checkpoint's folder, or URL#ID@REVISION."),
]
Judge = Annotated[
    str | None,
    typer.Option(
        metavar="MODEL", help="Who grades: a model as for --model, `default` for the file of models' own. Left out or none: nobody."
    ),
]
RunName = Annotated[str | None, typer.Option("--name", help="Name of the run; the same order under the same name goes on with it.")]
Limit = Annotated[int | None, typer.Option(min=1, help="Ask only the first questions.")]
TrainedOn = Annotated[
    str | None, typer.Option(metavar="DATASET@NUMBER", help="The dataset version that the model was trained on, for reports; or none.")
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="K=V", help="STAGE.PARAMETER=VALUE, ROLE.SAMPLING=VALUE or SETTING=VALUE; repeatable."),
]
Json = Annotated[bool, typer.Option("--json", help="End with one JSON object on standard output.")]


def eval_run(
    bench: Bench,
    data: Data,
    model: Model = None,
    videos: Videos = None,
    judge: Judge = None,
    name: RunName = None,
    limit: Limit = None,
    trained_on: TrainedOn = None,
    settings: Set = None,
    json: Json = False,
) -> None:
    """Run an evaluation in this process, or go on with it, and print its scores."""
    tools = _tools()
    run_and_print(tools, _planned(tools, _asked(bench, data, model, videos, judge, name, limit, trained_on, settings)), json=json)


def eval_plan(
    bench: Bench,
    data: Data,
    model: Model = None,
    videos: Videos = None,
    judge: Judge = None,
    name: RunName = None,
    limit: Limit = None,
    trained_on: TrainedOn = None,
    settings: Set = None,
    json: Json = False,
) -> None:
    """Write an evaluation down, cut into shards, without running it."""
    from egoetl.cli.exits import print_json
    from egoetl.cli.shards import shard_labels

    tools = _tools()
    build = _planned(tools, _asked(bench, data, model, videos, judge, name, limit, trained_on, settings))
    shards = shard_labels(tools.ledger, build)
    if json:
        print_json({"build": build.spec.name, "shards": shards})
    else:
        typer.echo(f"{build.spec.name}: {len(shards)} shard{'' if len(shards) == 1 else 's'}")


def run_and_print(tools: "Tools", build: "Build", *, json: bool) -> None:
    """Run what is outstanding and print the scores, also where the coverage is below the floor."""
    from egoetl.cli.progress import StageProgress
    from egoetl.core.errors import DataError
    from egoetl.runner.build import run_build

    try:
        with StageProgress() as progress:
            asyncio.run(run_build(tools, build, progress))
    except DataError as error:
        if error.reason == "coverage_below_floor":
            _print(tools, build.spec.name, json=json)
        raise
    _print(tools, build.spec.name, json=json)


def _print(tools: "Tools", name: str, *, json: bool) -> None:
    from egoetl.cli.exits import print_json
    from egoetl.runner.evaluations import report_of

    report = report_of(tools, name)
    if json:
        print_json(report.model_dump(mode="json"))
    else:
        from egoetl.cli.report_table import print_report

        print_report(report)


def _asked(
    bench: str, data: str, model: str | None, videos: str | None, judge: str | None, name: str | None, limit: int | None,
    trained_on: str | None, settings: list[str] | None,
) -> "Evaluation":  # fmt: skip
    from egoetl.cli.recipe_settings import settings_of
    from egoetl.runner.evaluating import Evaluation

    return Evaluation(
        benchmark=bench, data=data, videos=videos, model=model, judge=judge, name=name, limit=limit, trained_on=trained_on,
        settings=settings_of(settings),
    )  # fmt: skip


def _planned(tools: "Tools", asked: "Evaluation") -> "Build":
    from egoetl.runner.evaluating import plan_evaluation

    return plan_evaluation(tools, asked)


def _tools() -> "Tools":
    from egoetl.core.settings import load_settings
    from egoetl.runner.tools import Tools

    return Tools(load_settings())
