"""Services outlive their starter, and none is left behind or mistaken for another process."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from egoetl.local.home import Home
from egoetl.local.processes import MARK, Service, Services, wait_until

NAP = "import time; time.sleep(600)"
SLEEP = [sys.executable, "-c", NAP]
STUBBORN = [sys.executable, "-c", "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); " + NAP]
# A worker that makes a session of its own, as the command of an Airflow task does.
PARENT = [sys.executable, "-c", f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {NAP!r}], start_new_session=True); {NAP}"]
KILLED_BEFORE_IT_WRITES = f"""
import os, sys
from pathlib import Path
from egoetl.local.home import Home
from egoetl.local.processes import Service, Services

home = Home.at(Path(sys.argv[1]))
Home.remember = lambda *_: os.kill(os.getpid(), 9)
Services(home).start(Service("sleeper", [sys.executable, "-c", {NAP!r}], dict(os.environ)))
"""


@pytest.fixture
def services(home: Home) -> Iterator[Services]:
    services = Services(home)
    yield services
    services.stop_all()


def of_home(home: Home) -> list[int]:
    """Live processes with the home's mark, as psutil sees them."""
    found: list[int] = []
    for each in psutil.process_iter():
        try:
            if each.status() != psutil.STATUS_ZOMBIE and each.environ().get(MARK) == str(home.root):
                found.append(each.pid)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def service(name: str, command: list[str]) -> Service:
    return Service(name, command, dict(os.environ))


def test_a_service_is_started_once_in_a_session_of_its_own(services: Services) -> None:
    pid = services.start(service("sleeper", SLEEP))
    assert services.start(service("sleeper", SLEEP)) == pid
    assert os.getsid(pid) == pid
    assert services.pid("sleeper") == pid


def test_a_service_logs_to_its_file(services: Services) -> None:
    services.start(service("talker", [sys.executable, "-c", "print('hello')"]))
    assert wait_until(lambda: "hello" in services.home.log("talker").read_text(), 10)
    assert wait_until(lambda: services.pid("talker") is None, 10)


def test_a_recycled_pid_is_left_alone(services: Services) -> None:
    bystander = subprocess.Popen(SLEEP)
    try:
        services.home.remember("services/sleeper", f"{bystander.pid} 12345")
        assert services.pid("sleeper") is None
        services.stop_all()
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_stopping_ends_descendants_in_sessions_of_their_own(services: Services) -> None:
    services.start(service("parent", PARENT))
    assert wait_until(lambda: len(of_home(services.home)) == 2, 10)
    services.stop_all()
    assert of_home(services.home) == []


def test_stopping_ends_orphans_of_a_service_that_was_killed(services: Services) -> None:
    pid = services.start(service("parent", PARENT))
    assert wait_until(lambda: len(of_home(services.home)) == 2, 10)
    os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: services.pid("parent") is None, 10)
    services.stop_all()
    assert of_home(services.home) == []


@pytest.mark.slow
def test_stopping_kills_what_does_not_listen(services: Services) -> None:
    services.start(service("stubborn", STUBBORN))
    assert wait_until(lambda: "deaf" in services.home.log("stubborn").read_text(), 10)
    services.stop_all()
    assert of_home(services.home) == []


def test_stopping_finds_what_a_killed_starter_never_wrote_down(services: Services) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED_BEFORE_IT_WRITES, str(services.home.root)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert services.leaders() == []
    assert len(of_home(services.home)) == 1
    services.stop_all()
    assert of_home(services.home) == []


def test_another_home_is_left_alone(services: Services, tmp_path: Path) -> None:
    other = Services(Home.at(tmp_path / "other"))
    try:
        pid = other.start(service("sleeper", SLEEP))
        services.stop_all()
        assert other.pid("sleeper") == pid
    finally:
        other.stop_all()
