#!/usr/bin/env python3
"""Write docs/cli.md from the command line itself. Run it with the Python of .venv, without arguments."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from egoetl.cli.main import app
from egoetl.core import errors

PAGE = Path(__file__).with_name("cli.md")
INTRODUCTION = """# Command line

*Made by `docs/generate_cli.py` from the command line itself; a test holds it to it. Do not edit it.*

What a command makes goes to standard output, what it tells on the way to standard error. Where a person sees a table, `--json`
gives a program one object on the last line. Whatever is interrupted may be run again: it does what is outstanding.
"""


def commands() -> Iterator[tuple[str, Any]]:
    """Every command by its whole name, in the order in which `--help` lists them."""
    yield from _below("egoetl", typer.main.get_command(app))


def options(path: str, command: Any) -> list[tuple[str, str]]:
    """What a command takes, arguments first: (how it is written, what it means)."""
    context = command.make_context(path, [], resilient_parsing=True)
    records = [(each, each.get_help_record(context)) for each in command.params]
    return [(_written(each, record[0]), " ".join(record[1].split())) for each, record in records if record is not None]


def cli_page() -> str:
    """The whole page."""
    return "\n".join([INTRODUCTION, *_exit_codes(), *(line for path, command in commands() for line in _section(path, command))]) + "\n"


def _below(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    group = getattr(command, "commands", None)
    if group is None:
        yield path, command
        return
    for name, each in group.items():
        yield from _below(f"{path} {name}", each)


def _written(parameter: Any, record: str) -> str:
    return (parameter.metavar or parameter.name.upper()) if parameter.param_type_name == "argument" else record


def _exit_codes() -> Iterator[str]:
    yield "| exit code | who must act |\n|---|---|\n| 0 | nobody |"
    found = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, errors.EgoetlError)]
    for each in sorted({each for each in found if each.__base__ is errors.EgoetlError}, key=lambda each: each.exit_code):
        yield f"| {each.exit_code} | {(each.__doc__ or '').strip()} |"
    yield ""


def _section(path: str, command: Any) -> Iterator[str]:
    arguments = [_written(each, "") for each in command.params if each.param_type_name == "argument"]
    yield f"## `{' '.join([path, *arguments])}`\n\n{(command.help or '').strip()}\n"
    if rows := options(path, command):
        yield "| | |\n|---|---|"
        yield from (f"| `{written}` | {meaning.replace('|', '&#124;')} |" for written, meaning in rows)
        yield ""


def main() -> None:
    """Write the page."""
    PAGE.write_text(cli_page(), encoding="utf-8")
    print(f"Wrote {PAGE}.")


if __name__ == "__main__":
    main()
