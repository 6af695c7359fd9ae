"""`egoetl local`: everything comes up once, is closed to others, and goes without a trace."""

import json
import os
import pty
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest

from egoetl.local.airflow import COMMANDS, Airflow
from egoetl.local.home import Home
from egoetl.local.installation import Installation
from egoetl.local.processes import MARK, Services, wait_until
from egoetl.local.progress import Steps

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
EGOETL = str(Path(sys.executable).with_name("egoetl"))


@pytest.fixture
def installation(home: Home) -> Iterator[Installation]:
    installation = Installation(home)
    yield installation
    installation.remove()


def environment(home: Home) -> dict[str, str]:
    return {**os.environ, "EGOETL_HOME": str(home.root)}


def egoetl(home: Home, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([EGOETL, "local", *arguments], env=environment(home), capture_output=True, text=True, check=False)


def left_of(installation: Installation) -> list[str]:
    """Command lines of live processes that belong to the installation, as psutil sees them."""
    root, data = str(installation.home.root), str(installation.postgres.folder.data)
    found: list[str] = []
    for each in psutil.process_iter():
        try:
            if each.status() != psutil.STATUS_ZOMBIE and (each.environ().get(MARK) == root or data in each.cmdline()):
                found.append(" ".join(each.cmdline()))
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def answer(port: int, path: str) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def test_up_status_and_down(installation: Installation) -> None:
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if squatter.connect_ex(("127.0.0.1", 8080)):
            squatter.bind(("127.0.0.1", 8080))
            squatter.listen()
        first = egoetl(installation.home, "up", "--json")
    assert first.returncode == 0, first.stderr
    said: dict[str, Any] = json.loads(first.stdout)
    assert {
        "EGOETL_DATABASE_URL",
        "EGOETL_DATABASE_OWNER_URL",
        "EGOETL_STORE_URL",
        "EGOETL_EXECUTION",
        "airflow_url",
        "airflow_user",
        "airflow_password_file",
    } <= said.keys()
    assert not said["airflow_url"].endswith(":8080")

    again = egoetl(installation.home, "up", "--json")
    assert json.loads(again.stdout) == said
    status = egoetl(installation.home, "status", "--json")
    assert status.returncode == 0, status.stdout
    services = {each["name"]: each for each in json.loads(status.stdout)["services"]}
    assert services.keys() == {"postgres", *COMMANDS}
    assert all(each["healthy"] for each in services.values())

    check_dag_and_login(installation)
    check_closed_to_others(installation)

    assert egoetl(installation.home, "down").returncode == 0
    assert left_of(installation) == []
    assert egoetl(installation.home, "status").returncode == 3


def check_dag_and_login(installation: Installation) -> None:
    installation.airflow.wait_for_dag("build_egoavu")
    api = installation.airflow.api()
    assert api.import_errors() == []
    assert {"egoetl_decode", "egoetl_model"} <= set(api.pools())
    assert answer(api.port, "/api/v2/dags") == 401


def check_closed_to_others(installation: Installation) -> None:
    home = installation.home
    secrets = [*(home.root / "secrets").iterdir(), home.root / "postgres.password", installation.airflow.password_file]
    assert {oct(file.stat().st_mode & 0o777) for file in secrets} == {"0o600"}
    lines = "\n".join(left_of(installation))
    assert "airflow" in lines
    assert not [file for file in secrets if file.read_text().strip() in lines]
    for pid in Services(home).alive():
        for connection in psutil.Process(pid).net_connections():
            assert connection.status != psutil.CONN_LISTEN or connection.laddr.ip == "127.0.0.1"


def test_without_airflow(installation: Installation) -> None:
    done = egoetl(installation.home, "up", "--without-airflow", "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["EGOETL_STORE_URL"] == (installation.home.root / "store").as_uri()
    asked = subprocess.run(
        [installation.home.root / "psql", "-Atc", "SELECT count(*) FROM lineage.build"], capture_output=True, text=True, check=False
    )
    assert asked.stdout.strip() == "0", asked.stderr
    check_roles(installation, said)
    assert Services(installation.home).leaders() == []
    assert egoetl(installation.home, "down").returncode == 0
    assert left_of(installation) == []


def check_roles(installation: Installation, said: dict[str, Any]) -> None:
    """Tasks get a login that cannot change the schema, and `psql` one that only reads."""
    variables = {name: value for name, value in said.items() if name.startswith("EGOETL_DATABASE_")}
    logins = {name: urlsplit(value).username for name, value in variables.items()}
    assert logins == {"EGOETL_DATABASE_URL": "egoetl_worker", "EGOETL_DATABASE_OWNER_URL": "egoetl"}
    roles = installation.postgres.sql(
        "egoetl", "SELECT roleid::regrole, member::regrole FROM pg_auth_members WHERE member >= 16384 ORDER BY 1"
    )
    assert roles.split() == ["egoetl_writer|egoetl_worker", "egoetl_reader|egoetl_analyst"]
    for name, statement, code in (("psql", "DELETE FROM lineage.build", 1), ("psql-owner", "DELETE FROM lineage.build", 0)):
        done = subprocess.run([installation.home.root / name, "-qc", statement], capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stderr
    assert not installation.home.root.joinpath("secrets", "postgres.egoetl_worker").stat().st_mode & 0o077


@pytest.mark.parametrize("started", ["services/airflow-api-server", "services/airflow-scheduler"])
def test_down_after_up_was_killed_in_the_middle(installation: Installation, started: str) -> None:
    home = installation.home
    up = subprocess.Popen([EGOETL, "local", "up"], env=environment(home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert wait_until(lambda: home.recall(started) is not None, 180, pause=0.01)
    up.send_signal(signal.SIGKILL)
    up.wait()
    assert left_of(installation) != []
    assert egoetl(home, "down").returncode == 0
    assert left_of(installation) == []


def test_down_ends_an_up_that_is_under_way(installation: Installation) -> None:
    home = installation.home
    up = subprocess.Popen([EGOETL, "local", "up"], env=environment(home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert wait_until(lambda: home.recall("services/airflow-api-server") is not None, 180)
    assert egoetl(home, "down").returncode == 0
    assert up.wait(10) != 0
    time.sleep(1)
    assert left_of(installation) == []


def test_services_outlive_the_terminal(installation: Installation) -> None:
    """A pseudo-terminal is the starter's; when it closes, the kernel sends SIGHUP to its session."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(EGOETL, [EGOETL, "local", "up", "--without-airflow"], environment(installation.home))
    assert wait_until(lambda: installation.postgres.pid() is not None, 60)
    os.close(terminal)
    os.waitpid(pid, 0)
    time.sleep(0.5)
    assert installation.postgres.sql("postgres", "SELECT 1").strip() == "1"


# The services outlive the objects that started them.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_port_taken_while_airflow_starts_is_left_to_its_owner(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between finding a port free and listening on it lie seconds in which another program may take it."""
    prepare = Airflow.prepare
    other = socket.socket()

    def prepare_and_lose_the_port(airflow: Airflow) -> None:
        prepare(airflow)
        other.bind(("127.0.0.1", airflow.port))
        other.listen()

    monkeypatch.setattr(Airflow, "prepare", prepare_and_lose_the_port)
    with other:
        installation.up(Steps())
        assert installation.airflow.port != other.getsockname()[1]
        assert all(installation.airflow.health().values())
