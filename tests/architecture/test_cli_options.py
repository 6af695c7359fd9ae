"""The command line is a contract: programs and DAGs call it. Its options are frozen, and its reference is generated.

When a change is meant, run `EGOETL_UPDATE_GOLDEN=1 pytest tests/architecture/test_cli_options.py` and
`.venv/bin/python docs/generate_cli.py`, and say so in CHANGELOG.md.
"""

import importlib.util
import os
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
FROZEN = Path(__file__).with_name("cli_options.txt")
MANY = 12
"""An option set that a person can keep in mind."""


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    """docs/generate_cli.py"""
    spec = importlib.util.spec_from_file_location("generate_cli", ROOT / "docs" / "generate_cli.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def shape(generator: ModuleType) -> str:
    """One line a command: its name, then all that it takes; required options with an exclamation mark."""
    lines: list[str] = []
    for path, command in generator.commands():
        taken = [
            f"{written}{'!' if '[required]' in meaning and written.startswith('--') else ''}"
            for written, meaning in generator.options(path, command)
        ]
        lines.append(" ".join([path, *taken]))
    return "".join(f"{line}\n" for line in sorted(lines))


def test_the_option_set_is_frozen(generator: ModuleType) -> None:
    found = shape(generator)
    if os.environ.get("EGOETL_UPDATE_GOLDEN"):
        FROZEN.write_text(found, encoding="utf-8")
    assert found == FROZEN.read_text(encoding="utf-8"), "the command line changed: see the top of this test"


def test_no_command_takes_more_than_a_person_can_keep_in_mind(generator: ModuleType) -> None:
    counts = {path: len(generator.options(path, command)) for path, command in generator.commands()}
    assert {path: count for path, count in counts.items() if count > MANY} == {}


def test_every_command_and_option_says_what_it_does(generator: ModuleType) -> None:
    silent = [path for path, command in generator.commands() if not (command.help or "").strip().endswith(".")]
    options = [
        f"{path} {written}"
        for path, command in generator.commands()
        for written, meaning in generator.options(path, command)
        if not meaning
    ]
    assert silent + options == []


def test_the_reference_is_what_the_command_line_says(generator: ModuleType) -> None:
    written = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert generator.cli_page() == written, "run .venv/bin/python docs/generate_cli.py"
