"""`egoetl local`: the embedded PostgreSQL and Airflow of this machine."""

from typing import TYPE_CHECKING, Annotated

import typer

from egoetl.cli.demo import demo

if TYPE_CHECKING:
    from egoetl.local.installation import Installation

app = typer.Typer(help="PostgreSQL and Airflow on this machine, below EGOETL_HOME.", no_args_is_help=True)

NOT_RUNNING = 3
Json = Annotated[bool, typer.Option("--json", help="End with one JSON object on standard output.")]


@app.command("up")
def up(
    without_airflow: Annotated[bool, typer.Option("--without-airflow", help="PostgreSQL only.")] = False,
    json: Json = False,
) -> None:
    """Start PostgreSQL and Airflow, and say where they are. What runs already is left alone."""
    from egoetl.cli.exits import print_json
    from egoetl.local.progress import Steps

    installation = _installation()
    installation.up(Steps(), with_airflow=not without_airflow)
    where = installation.settings()
    if not without_airflow:
        where |= installation.login()
    if json:
        print_json(where)
        return
    for name, value in where.items():
        typer.echo(f"export {name}='{value}'" if name.startswith("EGOETL_") else f"# {name}: {value}")


@app.command("down")
def down() -> None:
    """End PostgreSQL, Airflow and everything that they have started. Data stays."""
    _installation().down()
    typer.echo("Nothing of egoetl runs any more.")


@app.command("status")
def status(json: Json = False) -> None:
    """How each service stands. Exit code 3 if one does not run or is not well."""
    from dataclasses import asdict

    from egoetl.cli.exits import print_json

    services = _installation().status()
    if json:
        print_json({"services": [asdict(each) for each in services]})
    else:
        for each in services:
            state = "healthy" if each.healthy else "not healthy" if each.pid else "not running"
            port = f", port {each.port}" if each.port else ""
            typer.echo(f"{each.name}: {state}" + (f" (process {each.pid}{port})" if each.pid else ""))
    if not all(each.healthy for each in services):
        raise typer.Exit(NOT_RUNNING)


@app.command("remove")
def remove(yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """End everything and delete EGOETL_HOME: database, store, versions and sample footage."""
    installation = _installation()
    if not yes:
        typer.confirm(f"Delete {installation.home.root} with its database and store?", abort=True)
    installation.remove()
    typer.echo(f"{installation.home.root} is deleted.")


app.command("demo")(demo)


def _installation() -> "Installation":
    from egoetl.core.settings import load_settings
    from egoetl.local.installation import Installation

    return Installation.of(load_settings())
