"""`egoetl doctor`: what is missing for which work, each with its remedy."""

from typing import Annotated

import typer


def doctor(json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False) -> None:
    """Check the settings, the database, the store, the decoder and the engines."""
    from egoetl.cli.exits import print_json
    from egoetl.core.errors import ConfigError
    from egoetl.runner.checks import run_checks

    checks = run_checks()
    if json:
        print_json({"checks": [each.model_dump() for each in checks]})
    else:
        for each in checks:
            typer.echo(f"{'ok  ' if each.ok else 'FAIL'} {each.name}: {each.detail}")
    bad = [each.name for each in checks if not each.ok]
    if bad:
        raise ConfigError(f"{len(bad)} of {len(checks)} checks failed: {', '.join(bad)}; each line above says what helps.", reason="doctor")
