"""What every test may ask for: one embedded PostgreSQL a session, and fresh databases on it."""

import itertools
import logging
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from egoetl.local.home import Home
from egoetl.local.postgres import Postgres
from egoetl.testing.installation import Footage, Installation, wait_until, write_tiny_footage

if TYPE_CHECKING:
    from egoetl.testing.s3_server import S3Server

pytest_plugins = ["airflow_home", "system_packages", "kubernetes_api.fixtures", "inference.fixtures"]
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


@pytest.fixture(scope="session")
def radosgw(tmp_path_factory: pytest.TempPathFactory) -> Iterator["S3Server"]:
    """A running Ceph, gone after the session however that ends; a test that asks for it is marked `needs("radosgw")`."""
    from egoetl.testing.radosgw import running_radosgw  # only tests of S3 need boto3

    with running_radosgw(tmp_path_factory.mktemp("ceph")) as server:
        yield server


@pytest.fixture(scope="session")
def moto() -> Iterator["S3Server"]:
    """A fake of S3 over HTTP, in memory, which checks no signatures."""
    from moto.server import ThreadedMotoServer

    from egoetl.testing.s3_server import S3Server

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield S3Server(f"http://{host}:{port}", "any", "any")
    server.stop()


@pytest.fixture
def s3_url(radosgw: "S3Server", monkeypatch: pytest.MonkeyPatch) -> str:
    """`s3://bucket` of a fresh bucket on radosgw; this process and those that it starts have the variables to reach it.

    An `Installation` on it: `replace(tiny, extra={"EGOETL_STORE_URL": s3_url, **radosgw.environment()})`, since it takes no EGOETL_*
    from this process.
    """
    for name, value in radosgw.environment().items():
        monkeypatch.setenv(name, value)
    return f"s3://{radosgw.make_bucket()}"


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


@pytest.fixture
def assert_gone() -> Callable[[Iterable[int], float], None]:
    """Fail unless all processes of these ids end within so many seconds; a zombie has ended."""

    def check(pids: Iterable[int], seconds: float) -> None:
        asked, deadline = tuple(pids), time.monotonic() + seconds
        while left := [pid for pid in asked if is_alive(pid)]:
            assert time.monotonic() < deadline, f"{left} still alive after {seconds} s"
            time.sleep(0.02)

    return check


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
