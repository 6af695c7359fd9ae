"""Installations over sample footage, and what can go wrong with them."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from egoetl.core.errors import DataError
from egoetl.core.items import SampledSegment
from egoetl.core.ports import Engine, Reply, Request
from egoetl.core.recipe import Recipe
from egoetl.core.settings import Settings
from egoetl.engines.replay.recording import SAMPLE
from egoetl.lineage.migrate import upgrade
from egoetl.local.home import Home
from egoetl.local.postgres import Postgres
from egoetl.runner.build import run_build
from egoetl.runner.plan import Order, plan_build
from egoetl.runner.shard import silent
from egoetl.runner.tools import Tools
from egoetl.testing.installation import Footage, Installation


@pytest.fixture(scope="session")
def small_footage(tmp_path_factory: pytest.TempPathFactory) -> Footage:
    """The two shortest sample videos, as they ship with egoetl: nothing has to be drawn."""
    return Footage(shutil.copytree(SAMPLE, tmp_path_factory.mktemp("footage") / "small"))


@pytest.fixture
def installation(database_url: str, tmp_path: Path, small_footage: Footage) -> Installation:
    """An empty installation with the small footage."""
    return Installation(database_url, tmp_path / "store", small_footage, {})


@pytest.fixture
def make_installation(small_footage: Footage) -> Callable[[str, Path], Installation]:
    """The command line on a given database and store."""
    return lambda database_url, store: Installation(database_url, store, small_footage, {})


@pytest.fixture
def installations(
    postgres_server: Any, migrated_template: str, database_names: Iterator[str], tmp_path: Path, small_footage: Footage
) -> Iterator[Callable[[], Installation]]:
    """As many empty installations as asked for."""
    made: list[str] = []

    def another() -> Installation:
        name = next(database_names)
        postgres_server.create_database(name, template=migrated_template)
        made.append(name)
        return Installation(postgres_server.url(name), tmp_path / name, small_footage, {})

    yield another
    for name in made:
        postgres_server.drop_database(name)


@pytest.fixture(scope="session")
def undisturbed(
    postgres_server: Any,
    migrated_template: str,
    database_names: Iterator[str],
    tmp_path_factory: pytest.TempPathFactory,
    small_footage: Footage,
) -> tuple[dict[str, Any], dict[str, str]]:
    """The report and the published bytes of a build that nothing disturbs."""
    name = next(database_names)
    postgres_server.create_database(name, template=migrated_template)
    quiet = Installation(postgres_server.url(name), tmp_path_factory.mktemp("undisturbed") / "store", small_footage, {})
    report = quiet.json("build", "run", *quiet.order("night"))
    published = quiet.published(report)
    postgres_server.drop_database(name)
    return report, published


@dataclass
class OwnServer:
    """A PostgreSQL that a test may stop, and an installation on it."""

    postgres: Postgres
    installation: Installation


@pytest.fixture
def own_server(tmp_path: Path, small_footage: Footage) -> Iterator[OwnServer]:
    """A server of the test's own."""
    server = Postgres(Home.at(tmp_path / "server"))
    try:
        server.start()
        server.create_database("egoetl_away")
        upgrade(server.url("egoetl_away"))
        yield OwnServer(server, Installation(server.url("egoetl_away"), tmp_path / "store", small_footage, {}))
    finally:
        server.remove()


class OneBadReply:
    """The measured engine, but for one segment that it answers off the schema."""

    at_once = 0
    keeps_replies = False

    def __init__(self, engine: Engine, task: str, chosen: list[str]) -> None:
        self._engine = engine
        self._task = task
        self._chosen = chosen
        self.model = engine.model

    async def ask(self, request: Request) -> Reply:
        item = request.item
        if request.task == self._task and isinstance(item, SampledSegment) and item.segment.index == 1:
            self._chosen.append(item.segment.segment_id)
            if item.segment.segment_id == self._chosen[0]:
                return Reply(status="off_schema", text="{", seconds=0.0, detail="half an object")
        return await self._engine.ask(request)

    async def close(self) -> None:
        await self._engine.close()


@pytest.fixture
def run_with_bad_reply() -> Callable[[Installation, str, str], str]:
    """Run a build in this process with one bad reply; returns the segment that got it. The gate must stay closed."""

    def run(installation: Installation, name: str, task: str) -> str:
        chosen: list[str] = []

        class FaultyTools(Tools):
            def engines(self, recipe: Recipe) -> dict[str, Engine]:
                return {role: OneBadReply(engine, task, chosen) for role, engine in super().engines(recipe).items()}

        settings = Settings(database_url=SecretStr(installation.database_url), store_url=installation.store.as_uri())
        tools = FaultyTools(settings)
        footage = installation.footage
        build = plan_build(tools, Order(recipe="egoavu", manifest=footage.manifest, videos=footage.folder, name=name))
        with pytest.raises(DataError, match="below the floor") as caught:
            asyncio.run(run_build(tools, build, silent))
        assert caught.value.reason == "yield_below_floor"
        return chosen[0]

    return run
