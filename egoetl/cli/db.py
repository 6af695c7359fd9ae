"""`egoetl db`: the lineage database's schema, roles and upkeep."""

from typing import Annotated, Literal

import typer

app = typer.Typer(help="The lineage database's schema, roles and upkeep.", no_args_is_help=True)

OUTDATED = 3


@app.command("upgrade")
def upgrade() -> None:
    """Bring the schema, its views and grants up to this release; several at once are fine, and so is repeating it."""
    from egoetl.core.settings import load_settings
    from egoetl.lineage import migrate

    settings = load_settings().as_owner()
    done = migrate.upgrade(settings.database(), patience_seconds=settings.patience_seconds, lock_seconds=settings.migration_lock_seconds)
    typer.echo(f"The lineage schema is at {done.current}.")


@app.command("status")
def status(json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False) -> None:
    """Which schema the database has, and which one this release wants. Exit code 3 if they differ."""
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
    if not found.up_to_date:
        raise typer.Exit(OUTDATED)


@app.command("maintain")
def maintain(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing, only say what would be done.")] = False,
    json: Annotated[bool, typer.Option("--json", help="End with one JSON object on standard output.")] = False,
) -> None:
    """Make partitions ahead, forget builds past EGOETL_KEEP_ATTEMPTS_DAYS that no version refers to, and refresh statistics."""
    from egoetl.cli.exits import print_json
    from egoetl.core.settings import load_settings
    from egoetl.lineage.maintaining import maintain
    from egoetl.runner.tools import database_limits

    settings = load_settings().as_owner()
    made = maintain(
        settings.database(),
        patience_seconds=settings.patience_seconds,
        limits=database_limits(settings),
        ahead=settings.partitions_ahead,
        keep_days=settings.keep_attempts_days,
        dry_run=dry_run,
        tell=lambda line: typer.echo(line, err=json),
    )
    if json:
        print_json(made.model_dump())


@app.command("roles")
def roles(json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False) -> None:
    """Make the roles egoetl_owner, egoetl_writer and egoetl_reader, give them what is theirs, and list the logins in them."""
    from egoetl.cli.exits import print_json
    from egoetl.cli.tables import print_rows
    from egoetl.core.settings import load_settings
    from egoetl.lineage.roles import make

    logins = make(load_settings().as_owner().database())
    if json:
        print_json({"logins": [each.model_dump() for each in logins]})
        return
    typer.echo("The roles egoetl_owner, egoetl_writer and egoetl_reader are there.")
    print_rows([each.model_dump() for each in logins], empty="No login has one of them: `egoetl db login` makes one.")


@app.command("login")
def login(
    name: Annotated[str, typer.Argument(help="Name of the login.")],
    role: Annotated[Literal["owner", "writer", "reader"], typer.Option(help="What it may do.")],
) -> None:
    """Make a login in a role, or change its password: that of EGOETL_LOGIN_PASSWORD, or else the line on standard input."""
    import os
    import sys
    from getpass import getpass

    from egoetl.core.settings import load_settings
    from egoetl.lineage.roles import make_login

    password = os.environ.get("EGOETL_LOGIN_PASSWORD")
    if password is None:
        password = getpass(f"Password of {name}: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    make_login(load_settings().as_owner().database(), name, role, password)
    typer.echo(f"Login {name} has the role egoetl_{role} and its password.")
