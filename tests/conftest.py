"""What every test may ask for: one embedded PostgreSQL a session, and fresh databases on it."""

import itertools
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from egoetl.local.home import Home
from egoetl.local.postgres import Postgres
from egoetl.testing.installation import Footage, Installation, wait_until, write_tiny_footage

TEMPLATE = "template_of_tests"


# Removes the server when its standard input closes: at the end of the session, or when the session is killed.
KEEPER = """
import sys
from pathlib import Path
from egoetl.local.home import Home
from egoetl.local.postgres import Postgres

sys.stdin.read()
Postgres(Home.at(Path(sys.argv[1]))).remove()
"""


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A running server of its own, gone with its files after the session, however that ends."""
    home = Home.at(tmp_path_factory.mktemp("postgres"))
    server = Postgres(home, settings={"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"})
    with subprocess.Popen([sys.executable, "-c", KEEPER, str(home.root)], stdin=subprocess.PIPE, start_new_session=True) as keeper:
        server.start()
        yield server
        keeper.communicate()
    assert keeper.returncode == 0


@pytest.fixture(scope="session")
def database_names() -> Iterator[str]:
    """Names for databases, none given twice."""
    return (f"test_{number}" for number in itertools.count())


@pytest.fixture(scope="session")
def migrated_template(postgres_server: Postgres) -> str:
    """A database with the lineage schema and no row, to copy."""
    from egoetl.lineage.migrate import upgrade  # only tests of the ledger need it

    postgres_server.create_database(TEMPLATE)
    upgrade(postgres_server.url(TEMPLATE))
    return TEMPLATE


@pytest.fixture
def database_url(postgres_server: Postgres, migrated_template: str, database_names: Iterator[str]) -> Iterator[str]:
    """The address of a fresh database with the lineage schema."""
    name = next(database_names)
    postgres_server.create_database(name, template=migrated_template)
    yield postgres_server.url(name)
    postgres_server.drop_database(name)


@pytest.fixture
def empty_database_url(postgres_server: Postgres, database_names: Iterator[str]) -> Iterator[str]:
    """The address of a fresh database without any table."""
    name = next(database_names)
    postgres_server.create_database(name)
    yield postgres_server.url(name)
    postgres_server.drop_database(name)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty EGOETL_HOME."""
    return Home.at(tmp_path / "home")


@pytest.fixture(scope="session")
def tiny_footage(tmp_path_factory: pytest.TempPathFactory) -> Footage:
    """Two videos of a few kilobytes."""
    return write_tiny_footage(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def tiny(database_url: str, tmp_path: Path, tiny_footage: Footage) -> Installation:
    """An empty installation with the tiny footage."""
    return Installation(database_url, tmp_path / "store", tiny_footage)


@pytest.fixture
def patiently() -> Callable[..., None]:
    """`patiently(condition, seconds=60)` waits until the condition holds."""
    return wait_until


@pytest.fixture(autouse=True)
def loggers_speak() -> None:
    """Airflow, once configured in this process, has disabled every logger that was there before it; tests listen to them."""
    for name, logger in logging.Logger.manager.loggerDict.items():
        if name.startswith("egoetl") and isinstance(logger, logging.Logger):
            logger.disabled = False
