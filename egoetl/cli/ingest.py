"""`egoetl ingest`: new videos of a folder or an S3 prefix."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from egoetl.runner.ingesting import Ingested


def ingest(
    source: Annotated[
        str | None, typer.Argument(metavar="[SOURCE]", help="Folder or s3://bucket/prefix where videos arrive; EGOETL_ARRIVALS without it.")
    ] = None,
    recipe: Annotated[str, typer.Option(help="The recipe whose dataset they arrive for.")] = "egoavu",
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="K=V", help="A setting of the recipe, such as dataset; repeatable.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be read.")] = False,
    json: Annotated[bool, typer.Option("--json", help="End with one JSON object on standard output.")] = False,
) -> None:
    """Register the videos that are new there, once by their bytes; their clips wait for the night of today."""
    from egoetl.cli.exits import print_json
    from egoetl.cli.ingest_progress import IngestBar
    from egoetl.cli.recipe_settings import settings_of
    from egoetl.core.errors import ConfigError
    from egoetl.core.settings import load_settings
    from egoetl.recipes.index import load
    from egoetl.runner.ingesting import ingest as find
    from egoetl.runner.tools import Tools

    tools = Tools(load_settings())
    where = source or tools.settings.arrivals
    if not where:
        raise ConfigError("Nobody says where videos arrive; name a SOURCE, or set EGOETL_ARRIVALS.", reason="arrivals_unknown")
    with IngestBar() as bar:
        made = find(tools, where, load(recipe).with_settings(settings_of(settings)), dry_run=dry_run, tell=bar)
    if json:
        print_json(made.model_dump(mode="json"))
    else:
        _show(made)


def _show(made: "Ingested") -> None:
    from egoetl.cli.tables import print_rows

    arrived = [
        {"file": each.path, "what": each.what, "video": each.video_id, "clips": each.clips, "night": each.night}
        for each in (*made.new, *made.duplicates)
    ]
    if arrived:
        print_rows(arrived, empty="")
    refused = [{"file": each.path, "why": each.reason, "in words": each.message} for each in (*made.refused, *made.waiting)]
    if refused:
        print_rows(refused, empty="", title="Without a video")
    if made.dry_run:
        typer.echo(f"{len(made.to_read)} files, {made.bytes_to_read / 1e6:.1f} MB, would be read; {made.unchanged} are unchanged.")
        return
    typer.echo(
        f"{made.dataset}: {len(made.new)} new, {len(made.duplicates)} duplicates, {len(made.refused)} refused,"
        f" {len(made.waiting)} still written, {made.unchanged} unchanged."
    )
