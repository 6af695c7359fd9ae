"""Airflow reads its configuration when it is imported, so its home is made here, before any test module is."""

import atexit
import os
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import psutil
import pytest

TESTS = Path(__file__).parent
REPOSITORY = TESTS.parents[1]
HOME = Path(tempfile.mkdtemp(prefix="egoetl-airflow-"))
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
(HOME / "airflow.cfg").write_text(
    f"""
[core]
load_examples = False
simple_auth_manager_all_admins = True
dags_folder = {TESTS / "small"}
plugins_folder = {REPOSITORY / "plugins"}
[api_auth]
jwt_secret = {secrets.token_hex(32)}
"""
)
os.environ["AIRFLOW_HOME"] = str(HOME)

# What Airflow 3.3.2 itself does that its libraries have deprecated.
AIRFLOWS_OWN_WARNINGS = (
    "ignore:GitWildMatchPattern:DeprecationWarning",
    "ignore:Using .httpx. with .starlette.testclient. is deprecated",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(TESTS):
            for warning in AIRFLOWS_OWN_WARNINGS:
                item.add_marker(pytest.mark.filterwarnings(warning))


@pytest.fixture(scope="session")
def airflow_database() -> None:
    """Airflow's own database, on SQLite."""
    from airflow.utils.db import initdb

    initdb()


@pytest.fixture
def fake_egoetl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Put a Python program in the place of the `egoetl` command that operators run."""

    def install(program: str) -> Path:
        command = tmp_path / "bin" / "egoetl"
        command.parent.mkdir(exist_ok=True)
        command.write_text(f"#!{sys.executable}\n{program}")
        command.chmod(0o755)
        monkeypatch.setattr("egoetl_airflow.stage_operator.executable", lambda: str(command))
        return command

    return install


@pytest.fixture
def assert_gone() -> Callable[[Iterable[int], float], None]:
    """Fail unless all processes of these ids end within so many seconds; a zombie has ended."""

    def check(pids: Iterable[int], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while left := [pid for pid in pids if is_alive(pid)]:
            assert time.monotonic() < deadline, f"{left} still alive after {seconds} s"
            time.sleep(0.02)

    return check


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
