"""`egoetl db`: the lineage database's schema."""

from typing import Annotated

import typer

app = typer.Typer(help="The lineage database's schema.", no_args_is_help=True)


@app.command("upgrade")
def upgrade() -> None:
    """Bring the schema, its views and partitions up to this release."""
    from egoetl.core.settings import load_settings
    from egoetl.lineage import migrate

    url = load_settings().database()
    migrate.upgrade(url)
    typer.echo(f"The lineage schema is at {migrate.status(url).current}.")


@app.command("status")
def status(json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False) -> None:
    """Which schema the database has, and which one this release wants."""
    from egoetl.cli.exits import print_json
    from egoetl.core.settings import load_settings
    from egoetl.lineage import migrate

    found = migrate.status(load_settings().database())
    if json:
        print_json({"current": found.current, "wanted": found.wanted, "up_to_date": found.up_to_date})
    elif found.up_to_date:
        typer.echo(f"The lineage schema is at {found.current}, as this release wants it.")
    else:
        typer.echo(f"The lineage schema is at {found.current or 'nothing'}, this release wants {found.wanted}: run `egoetl db upgrade`.")
