"""`egoetl store`: the artifact store."""

from typing import Annotated

import typer

app = typer.Typer(help="The artifact store.", no_args_is_help=True)


@app.callback()
def store() -> None:
    """The artifact store."""


@app.command("gc")
def gc(
    delete: Annotated[bool, typer.Option("--delete", help="Delete what is found; without it, only report.")] = False,
    older_than_hours: Annotated[float, typer.Option(min=0, help="Leave younger files alone: a worker may be about to commit them.")] = 24.0,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Find files that no lineage row points to: what crashes between a write and its commit left behind."""
    from egoetl.cli.exits import print_json
    from egoetl.core.settings import load_settings
    from egoetl.runner.collect import collect_garbage
    from egoetl.runner.tools import Tools

    found = collect_garbage(Tools(load_settings()), older_than_seconds=older_than_hours * 3600, delete=delete)
    if json:
        print_json({**found.model_dump(mode="json"), "deleted": delete})
        return
    for path in (*found.orphans, *found.unfinished):
        typer.echo(path)
    verb = "deleted" if delete else "found; add --delete to remove them"
    typer.echo(f"{len(found.orphans)} orphans ({found.size_bytes} bytes) and {len(found.unfinished)} unfinished writes {verb}.")


@app.command("check")
def check(
    repair: Annotated[bool, typer.Option("--repair", help="Forget what is lost, so that `build retry` makes it again.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Read every file that lineage knows, and find those that are missing or hold other bytes."""
    from egoetl.cli.exits import print_json
    from egoetl.cli.tables import print_rows
    from egoetl.core.errors import DataError
    from egoetl.core.settings import load_settings
    from egoetl.runner.checking_store import check_store
    from egoetl.runner.tools import Tools

    settings = load_settings()
    found = check_store(Tools(settings.as_owner() if repair else settings), repair=repair)
    if json:
        print_json(found.model_dump(mode="json"))
    else:
        print_rows([each.model_dump() for each in found.lost], empty=f"All {found.checked} files are as lineage has them.")
        for each in found.builds:
            typer.echo(f"{each.units} units are pending again; make them with `egoetl build retry {each.build}`.")
    if found.lost and not repair:
        raise DataError(
            f"{len(found.lost)} of {found.checked} files are missing or damaged; `egoetl store check --repair` has them made again.",
            reason="store_damaged",
        )


@app.command("link")
def link(
    path: Annotated[str, typer.Argument(help="Path in the store, as `egoetl trace` and version manifests name it, or its whole address.")],
    hours: Annotated[float, typer.Option(min=1 / 3600, max=168, help="How long the address is good for, on S3.")] = 1.0,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Print an address that reads one file: on S3 a presigned one, which is a secret until it ends."""
    from egoetl.cli.exits import print_json
    from egoetl.core.settings import load_settings
    from egoetl.runner.tools import Tools

    settings = load_settings()
    store, seconds = Tools(settings).store, round(hours * 3600)
    path = path.removeprefix(settings.store().rstrip("/") + "/")
    address = store.link(path, seconds)
    if json:
        print_json({"path": path, "link": address, "seconds": seconds if settings.store().startswith("s3:") else None})
    else:
        typer.echo(address)
