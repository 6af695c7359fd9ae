"""`egoetl models`: the models that roles can be bound to."""

from typing import Annotated

import typer


def models(json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False) -> None:
    """The models that there are by name, which of them answer by default, and how each is reached and shown a segment."""
    from egoetl.cli.exits import print_json
    from egoetl.cli.tables import print_rows
    from egoetl.core.settings import load_settings
    from egoetl.runner.model_list import listed
    from egoetl.runner.tools import Tools

    tools = Tools(load_settings())
    catalogue, engine = tools.models.catalogue, tools.models.catalogue.default_engine(tools.settings.engine)
    found = listed(catalogue)
    if json:
        print_json({"engine": engine, "roles": catalogue.roles, "models": [each.model_dump() for each in found]})
        return
    shown = [
        {"name": each.name, "roles": ", ".join(each.roles), "revision": each.revision[:12], "reached": each.reached, "shown": each.look}
        for each in found
    ]
    print_rows(shown, empty="No models.")
    roles = ", ".join(f"{role} {value}" for role, value in catalogue.roles.items())
    typer.echo(f"\nBy default {engine} answers" + (f": {roles}." if engine == "models" else f"; with --engine models, {roles}."))
