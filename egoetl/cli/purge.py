"""`egoetl purge`: withdraw videos."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from egoetl.runner.purging import Purge

app = typer.Typer(help="Withdraw what must not be used any more.", no_args_is_help=True)


@app.callback()
def purge() -> None:
    """Withdraw what must not be used any more."""


@app.command("video")
def video(
    name: Annotated[str, typer.Argument(metavar="ID", help="The video's id in a manifest, or its sha256.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without it, only say what would go.")] = False,
    why: Annotated[str | None, typer.Option("--reason", help="Why, in words, for its tombstone.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Take a video out of the store, lineage and every version to come; it is refused from then on."""
    from egoetl.cli.exits import print_json
    from egoetl.core.settings import load_settings
    from egoetl.runner.purging import purge_video, survey_video
    from egoetl.runner.tools import Tools

    tools = Tools(load_settings().as_owner())
    made = purge_video(tools, name, why) if yes else survey_video(tools, name)
    if json:
        print_json(made.model_dump(mode="json"))
    else:
        _print(made)


def _print(made: "Purge") -> None:
    from egoetl.cli.tables import print_rows

    names = ", ".join(made.video_ids) or "a video without a name"
    went = ", ".join(f"{count} {what.replace('_', ' ')}" for what, count in made.counts.items() if count)
    typer.echo(f"{names} (sha256 {made.video}) {'is withdrawn' if made.done else 'would be withdrawn'}.")
    if made.counts:
        verb = "went" if made.done else "would go"
        typer.echo(
            f"Out of lineage {verb}: {went or 'nothing'}; {made.rewritten_parts} parts {'were' if made.done else 'would be'} rewritten."
        )
    else:
        typer.echo("It was taken out of lineage before.")
    typer.echo(f"{made.deleted_files} files of the store {'were' if made.done else 'would be'} deleted.")
    if made.versions:
        typer.echo("Versions never change, so these still hold pairs about it; the next one holds none:")
    print_rows([each.model_dump() for each in made.versions], empty="No version holds pairs about it.")
    if not made.done:
        typer.echo("Nothing was changed; add --yes to do it.")
