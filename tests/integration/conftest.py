"""The command line in this process: through the same `main` as the executable, without the second that it takes to start."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from pydantic import SecretStr

from egoetl.cli.main import main
from egoetl.core.settings import Settings
from egoetl.runner.build import run_build
from egoetl.runner.plan import Order, plan_build
from egoetl.runner.shard import silent
from egoetl.runner.tools import Tools
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
def shared(
    postgres_server: Any,
    migrated_template: str,
    database_names: Iterator[str],
    tmp_path_factory: pytest.TempPathFactory,
    tiny_footage: Footage,
) -> Iterator[Installation]:
    """An installation over the tiny footage for all tests of a module, each under build names of its own."""
    name = next(database_names)
    postgres_server.create_database(name, template=migrated_template)
    yield Installation(postgres_server.url(name), tmp_path_factory.mktemp("store"), tiny_footage)
    postgres_server.drop_database(name)


@pytest.fixture
def on_shared(egoetl: Command, shared: Installation) -> Command:
    """The command line with the settings of `shared`."""
    return lambda *arguments, **settings: egoetl(*arguments, **{**settings_of(shared), **settings})


@pytest.fixture(scope="module")
def built(shared: Installation) -> Installation:
    """The shared installation with build `night`, which is only to be read."""
    settings = Settings(database_url=SecretStr(shared.database_url), store_url=shared.store.as_uri(), commit_seconds=0.05, concurrency=2)
    tools, footage = Tools(settings), shared.footage
    build = plan_build(tools, Order(recipe="egoavu", manifest=footage.manifest, videos=footage.folder, name="night"))
    asyncio.run(run_build(tools, build, silent))
    tools.ledger.close()
    return shared


@pytest.fixture
def on_built(egoetl: Command, built: Installation) -> Command:
    """The command line with the settings of `built`."""
    return lambda *arguments, **settings: egoetl(*arguments, **{**settings_of(built), **settings})
