"""What tests of the Airflow side share. Airflow's own home is made in tests/airflow_home.py."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

TESTS = Path(__file__).parent

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
