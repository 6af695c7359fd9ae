"""The command line in this process: through the same `main` as the executable, without the second that it takes to start."""

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from egoetl.cli.main import main
from egoetl.testing.installation import Footage, Installation


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        """The JSON object on the last line."""
        return json.loads(self.out.splitlines()[-1])


Command = Callable[..., Ended]


@pytest.fixture
def egoetl(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[Command]:
    """`egoetl(*arguments, **settings)`, with no settings but these."""
    for name in [name for name in os.environ if name.startswith("EGOETL_")]:
        monkeypatch.delenv(name)
    before = signal.getsignal(signal.SIGTERM)

    def run(*arguments: str, **settings: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["egoetl", *arguments])
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main()
        assert isinstance(ended.value.code, int)
        return Ended(ended.value.code, *capfd.readouterr())

    yield run
    signal.signal(signal.SIGTERM, before)


def settings_of(installation: Installation) -> dict[str, str]:
    return {name: value for name, value in installation.environment.items() if name.startswith("EGOETL_")}


@pytest.fixture
def on_tiny(egoetl: Command, tiny: Installation) -> Command:
    """The same, with the settings of an empty installation."""
    return lambda *arguments, **settings: egoetl(*arguments, **{**settings_of(tiny), **settings})


@pytest.fixture(scope="module")
def built(
    postgres_server: Any,
    migrated_template: str,
    database_names: Iterator[str],
    tmp_path_factory: pytest.TempPathFactory,
    tiny_footage: Footage,
) -> Iterator[Installation]:
    """An installation with build `night` over the tiny footage, run through the executable once a module; only to be read."""
    name = next(database_names)
    postgres_server.create_database(name, template=migrated_template)
    installation = Installation(postgres_server.url(name), tmp_path_factory.mktemp("built"), tiny_footage)
    installation.run("build", "run", *installation.order("night"))
    yield installation
    postgres_server.drop_database(name)


@pytest.fixture
def on_built(egoetl: Command, built: Installation) -> Command:
    """The command line with the settings of `built`."""
    return lambda *arguments, **settings: egoetl(*arguments, **{**settings_of(built), **settings})
