"""A whole installation on embedded parts, driven through the command line as a person or a task drives it."""

import asyncio
import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from pydantic import SecretStr

from egoetl.core.errors import DataError
from egoetl.core.items import SampledSegment
from egoetl.core.ports import Engine, Reply, Request
from egoetl.core.recipe import Recipe
from egoetl.core.settings import Settings
from egoetl.footage.maker import make
from egoetl.footage.reel.index import REEL
from egoetl.lineage.migrate import upgrade
from egoetl.local.home import Home
from egoetl.local.postgres import Postgres
from egoetl.runner.build import run_build
from egoetl.runner.plan import Order, plan_build
from egoetl.runner.shard import silent
from egoetl.runner.tools import Tools

EGOETL = Path(sys.executable).with_name("egoetl")
QUICK = {"EGOETL_COMMIT_SECONDS": "0.05", "EGOETL_CONCURRENCY": "2", "EGOETL_LEASE_SECONDS": "30"}


@dataclass(frozen=True)
class Footage:
    """A folder of videos and their manifest."""

    folder: Path

    @property
    def manifest(self) -> Path:
        return self.folder / "manifest.csv"


@dataclass
class Installation:
    """A database and a store."""

    database_url: str
    store: Path
    footage: Footage
    extra: dict[str, str]

    @property
    def environment(self) -> dict[str, str]:
        own = {"EGOETL_DATABASE_URL": self.database_url, "EGOETL_STORE_URL": self.store.as_uri(), "EGOETL_EXECUTION": "local"}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("EGOETL_")}
        return {**inherited, **own, **QUICK, **self.extra}

    def start(self, *arguments: str, **more: str) -> "subprocess.Popen[str]":
        """Start `egoetl ...` in a process group of its own."""
        return subprocess.Popen(
            [str(EGOETL), *arguments], env={**self.environment, **more}, text=True, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self, *arguments: str, code: int = 0, **more: str) -> "subprocess.CompletedProcess[str]":
        """Run `egoetl ...` to its end and check its exit code."""
        process = self.start(*arguments, **more)
        out, err = process.communicate(timeout=300)
        assert process.returncode == code, f"egoetl {' '.join(arguments)} ended with {process.returncode}:\n{out}\n{err}"
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def json(self, *arguments: str, code: int = 0, **more: str) -> dict[str, Any]:
        """Run `egoetl ... --json` and return its last line."""
        return json.loads(self.run(*arguments, "--json", code=code, **more).stdout.splitlines()[-1])

    def order(self, name: str) -> list[str]:
        """The arguments of a build over the footage."""
        return ["egoavu", "--manifest", str(self.footage.manifest), "--videos", str(self.footage.folder), "--name", name]

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the lineage database."""
        connection = psycopg2.connect(self.database_url, options="-c search_path=lineage")
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(query, values)
                return cursor.fetchall()
        finally:
            connection.close()

    def published(self, report: dict[str, Any]) -> dict[str, str]:
        """Every file of a build's version, by path and sha256, the version's own folder name included."""
        folder = Path(report["version_path"].removeprefix("file://"))
        files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
        assert files, f"{folder} is empty"
        return {f"{folder.name}/{file.relative_to(folder)}": hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


@pytest.fixture(scope="session")
def small_footage(tmp_path_factory: pytest.TempPathFactory) -> Footage:
    """The two shortest sample videos."""
    folder = tmp_path_factory.mktemp("footage")
    shortest = sorted(REEL, key=lambda script: script.duration_ms)[:2]
    make(folder, lambda *_: None, tuple(shortest))
    return Footage(folder)


@pytest.fixture
def installation(database_url: str, tmp_path: Path, small_footage: Footage) -> Installation:
    """An empty installation with the small footage."""
    return Installation(database_url, tmp_path / "store", small_footage, {})


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


def wait_until(happened: Callable[[], Any], *, seconds: float = 60.0, every: float = 0.02) -> None:
    """Wait until `happened()` is true. Fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(every)


@pytest.fixture
def patiently() -> Callable[..., None]:
    """`wait_until`, for tests of this folder."""
    return wait_until


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
