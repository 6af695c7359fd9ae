"""The embedded PostgreSQL survives what happens to a laptop, and touches nothing but its own folder."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from egoetl.core.errors import ConfigError
from egoetl.local.home import Home
from egoetl.local.postgres import DATABASES, Postgres
from egoetl.local.processes import wait_until

pytestmark = pytest.mark.slow
START = (
    "import sys; from pathlib import Path; from egoetl.local.home import Home; from egoetl.local.postgres import Postgres; "
    "Postgres(Home.at(Path(sys.argv[1]))).start()"
)


@pytest.fixture
def server(home: Home) -> Iterator[Postgres]:
    server = Postgres(home)
    yield server
    server.remove()


def modes(paths: list[Path]) -> dict[Path, int]:
    return {path: path.stat().st_mode for path in paths}


def test_starts_once_keeps_its_data_and_ends(server: Postgres) -> None:
    server.start()
    pid = server.pid()
    server.sql("egoetl", "CREATE TABLE kept (id int)")
    server.start()
    assert server.pid() == pid
    assert set(DATABASES) <= set(server.sql("postgres", "SELECT datname FROM pg_database").split())
    assert server.sql("postgres", "SHOW fsync").strip() == "on"
    server.stop()
    assert server.pid() is None
    server.start()
    assert server.sql("egoetl", "SELECT count(*) FROM kept").strip() == "0"


def test_listens_on_loopback_and_wants_the_password(server: Postgres) -> None:
    server.start()
    listening = server.sql("postgres", "SHOW listen_addresses").strip()
    assert listening == "127.0.0.1"
    answer = subprocess.run(
        [*server.psql_command("postgres"), "--command=SELECT 1"], env={"PGPASSWORD": "wrong"}, capture_output=True, text=True, check=False
    )
    assert "password authentication failed" in answer.stderr
    assert (server.home.root / "postgres.password").stat().st_mode & 0o777 == 0o600


def test_folders_outside_its_own_keep_their_modes(tmp_path: Path) -> None:
    closed = tmp_path / "clone"
    closed.mkdir(mode=0o700)
    server = Postgres(Home.at(closed / ".egoetl"))
    watched = [*closed.parents, closed, Path(sys.prefix), *Path(sys.prefix).parents, Path("/var/tmp")]
    before = modes(watched)
    try:
        server.start()
        assert server.sql("egoetl", "SELECT 1").strip() == "1"
        assert modes(watched) == before
    finally:
        server.remove()
    assert modes(watched) == before
    assert not server.folder.path.exists()


def test_takes_another_port_when_its_own_is_taken(server: Postgres) -> None:
    server.start()
    first = server.port
    server.stop()
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind(("127.0.0.1", first))
        squatter.listen()
        server.start()
    assert server.port != first
    assert str(server.port) in server.url("egoetl")
    assert server.sql("egoetl", "SELECT 1").strip() == "1"


def test_starts_after_it_was_killed(server: Postgres) -> None:
    server.start()
    pid = server.pid()
    assert pid is not None
    server.sql("egoetl", "CREATE TABLE kept (id int); INSERT INTO kept VALUES (7)")
    os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: server.pid() is None, 10)
    assert (server.folder.data / "postmaster.pid").exists()
    server.start()
    assert server.sql("egoetl", "SELECT id FROM kept").strip() == "7"


@pytest.mark.parametrize("owner", ["", str(os.getppid())], ids=["empty", "of a process that reused the id"])
def test_starts_over_a_lock_file_that_means_nothing(server: Postgres, owner: str) -> None:
    server.start()
    server.stop()
    lock = server.folder.data / "postmaster.pid"
    lock.write_text(f"{owner}\n{server.folder.data}\n" if owner else "")
    server.folder.give(lock)
    assert server.pid() is None
    server.start()
    assert server.pid() is not None


def test_makes_its_data_folder_anew_when_initdb_was_killed(server: Postgres) -> None:
    first = subprocess.Popen([sys.executable, "-c", START, str(server.home.root)], start_new_session=True)
    assert wait_until(lambda: any(server.folder.path.glob("data.partial-*/PG_VERSION")), 20, pause=0.005)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    assert not server.folder.data.exists()
    server.start()
    assert server.sql("egoetl", "SELECT 1").strip() == "1"
    assert not list(server.folder.path.glob("*.partial-*"))


def test_names_a_damaged_data_folder_and_the_remedy(server: Postgres) -> None:
    server.start()
    server.stop()
    (server.folder.data / "global" / "pg_control").unlink()
    with pytest.raises(ConfigError, match=r"not a whole PostgreSQL data folder; remove it") as caught:
        server.start()
    assert caught.value.reason == "postgres_data_damaged"


def test_names_data_of_another_release(server: Postgres) -> None:
    server.start()
    server.stop()
    (server.folder.data / "PG_VERSION").write_text("15\n")
    with pytest.raises(ConfigError, match="made by PostgreSQL 15"):
        server.start()


def test_two_homes_do_not_clash(tmp_path: Path) -> None:
    servers = [Postgres(Home.at(tmp_path / name)) for name in ("one", "two")]
    try:
        for each in servers:
            each.start()
        assert len({each.port for each in servers}) == 2
        servers[0].stop()
        assert servers[1].sql("egoetl", "SELECT 1").strip() == "1"
    finally:
        for each in servers:
            each.remove()


def test_a_home_that_was_deleted_starts_with_an_empty_database(server: Postgres) -> None:
    server.start()
    server.sql("egoetl", "CREATE TABLE of_the_old_home (id int)")
    if os.geteuid() != 0:
        server.stop()  # an ordinary user's server lies inside the home
    shutil.rmtree(server.home.root)
    again = Postgres(Home.at(server.home.root))
    again.url("egoetl")  # as `local status` and `doctor` look at it first
    again.start()
    assert again.sql("egoetl", "SELECT to_regclass('of_the_old_home')").strip() == ""


def test_stop_waits_for_a_start_whose_command_was_killed(server: Postgres) -> None:
    server.start()
    server.stop()
    first = subprocess.Popen([sys.executable, "-c", START, str(server.home.root)])
    log = server.folder.log.stat().st_size
    assert wait_until(lambda: server.folder.log.stat().st_size > log, 20, pause=0.002)
    first.kill()
    first.wait()
    server.stop()
    time.sleep(0.5)
    assert server.pid() is None


def test_refuses_a_folder_that_somebody_else_made(home: Home) -> None:
    if os.geteuid() != 0:
        pytest.skip("as an ordinary user the server lies in the home")
    server = Postgres(home)
    server.folder.path.symlink_to("/tmp")
    try:
        with pytest.raises(ConfigError) as caught:
            server.start()
        assert caught.value.reason == "postgres_folder_foreign"
    finally:
        server.folder.path.unlink()
