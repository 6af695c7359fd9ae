"""`egoetl backfill`: make failed, dropped or outdated units of earlier builds again."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from egoetl.core.backfill import Forecast
    from egoetl.core.ledger import Build
    from egoetl.runner.tools import Tools

Recipe = Annotated[str, typer.Argument(help="Name of the recipe, such as egoavu.")]
Name = Annotated[str | None, typer.Option(help="Name of the new build; the same order under the same name goes on with it.")]
Only = Annotated[
    list[str] | None,
    typer.Option(metavar="K=V", help="What to make again: build, nights, stage, error_class, reason, drop_reason, prompt, model, since."),
]
Limit = Annotated[int | None, typer.Option(min=1, help="At most so many clips.")]
Engine = Annotated[str | None, typer.Option(help="Who answers for roles that no --set names. Left out: as in the builds that are mended.")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="K=V", help="STAGE.PARAMETER=VALUE, role.ROLE=MODEL or SETTING=VALUE, beside the builds' own."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and write nothing down.")]
PlanOnly = Annotated[bool, typer.Option("--plan-only", help="Write the backfill down as a build, cut into shards, without running it.")]
Json = Annotated[bool, typer.Option("--json", help="End with one JSON object on standard output.")]


def backfill(
    recipe: Recipe,
    name: Name = None,
    only: Only = None,
    limit: Limit = None,
    engine: Engine = None,
    settings: Set = None,
    dry_run: DryRun = False,
    plan_only: PlanOnly = False,
    json: Json = False,
) -> None:
    """Make units of earlier builds again: those that failed, were dropped, or were made with a prompt or model.

    A backfill is a build of its own, over the clips of these units; what is unchanged is reused. Without --only it is about
    all failed units that are outstanding; a drop_reason, prompt or model means finished ones in their place.
    """
    from egoetl.cli.backfill_selection import selection_of
    from egoetl.cli.build import run_and_report
    from egoetl.cli.recipe_settings import settings_of
    from egoetl.core.settings import load_settings
    from egoetl.runner.backfill import BackfillOrder, forecast_backfill, plan_backfill
    from egoetl.runner.tools import Tools

    tools = Tools(load_settings())
    selection = selection_of(only or [], limit)
    order = BackfillOrder(recipe=recipe, selection=selection, name=name, engine=engine, settings=settings_of(settings))
    planned, answer = (None, forecast_backfill(tools, order)) if dry_run else plan_backfill(tools, order)
    runs = planned is not None and not plan_only
    _say(tools, planned, answer, json=json, last=not runs)
    if planned is not None and runs:
        run_and_report(tools, planned, json=json)


def _say(tools: "Tools", planned: "Build | None", answer: "Forecast | None", *, json: bool, last: bool) -> None:
    """The forecast as a table, and what the command ends with where it does not run the build."""
    from egoetl.cli.backfill_table import print_forecast
    from egoetl.cli.exits import print_json
    from egoetl.cli.shards import shard_labels
    from egoetl.cli.terminal import Terminal

    if answer is not None:
        print_forecast(answer, Terminal(stderr=json), dry_run=planned is None)
    if not last:
        return
    shards = shard_labels(tools.ledger, planned) if planned else []
    if json:
        about = None if answer is None else {**answer.model_dump(mode="json"), "computed": answer.computed}
        print_json({"build": planned.spec.name if planned else None, "shards": shards, "forecast": about})
    elif planned is not None:
        typer.echo(f"{planned.spec.name}: {len(shards)} shard{'' if len(shards) == 1 else 's'}")
