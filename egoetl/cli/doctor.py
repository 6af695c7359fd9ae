"""`egoetl doctor`: what is missing for which work, each with its remedy."""

import os
from typing import Annotated

import typer


def doctor(json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False) -> None:
    """Check everything that builds, materialize and Airflow need, and say what helps where something is missing."""
    from egoetl.cli.exits import print_json
    from egoetl.cli.tables import print_rows
    from egoetl.core.errors import ConfigError
    from egoetl.runner.checks import run_checks

    checks = run_checks(_airflow_environment())
    bad = [each for each in checks if not each.ok]
    if json:
        print_json({"checks": [each.model_dump() for each in checks]})
    else:
        print_rows([{"check": each.name, "": "ok" if each.ok else "MISSING", "found": each.detail} for each in checks], empty="")
        for each in bad:
            typer.echo(f"\n{each.name}: {each.remedy or each.detail}")
    if bad:
        names = ", ".join(each.name for each in bad)
        raise ConfigError(f"{len(bad)} of {len(checks)} checks failed: {names}; see what helps above.", reason="doctor")


def _airflow_environment() -> dict[str, str]:
    """What tells Airflow's commands of the embedded Airflow, where this shell names no other."""
    from egoetl.core.errors import ConfigError
    from egoetl.core.settings import load_settings
    from egoetl.local.project import project_root

    if any(name == "AIRFLOW_HOME" or name.startswith("AIRFLOW__") for name in os.environ):
        return {}
    try:
        home, project = load_settings().home.absolute(), project_root()
    except ConfigError:
        return {}
    if not (home / "airflow").is_dir():
        return {}
    folders = {"AIRFLOW__CORE__DAGS_FOLDER": project / "dags", "AIRFLOW__CORE__PLUGINS_FOLDER": project / "plugins"}
    return {"AIRFLOW_HOME": str(home / "airflow"), **{name: str(path) for name, path in folders.items()}}
