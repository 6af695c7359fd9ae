"""egoetl beside an Airflow that is there already, as docs/existing-airflow.md says: a wheel into another environment."""

import json
import os
import secrets
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from egoetl.benchmarks import index as benchmarks
from egoetl.testing.installation import Footage

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).with_name("uv")
AIRFLOW = "apache-airflow==3.3.2"
EXTRAS = "evaluation,media,measured,models,lineage,storage"
BUNDLE = {"name": "egoetl", "classpath": "egoetl_airflow.dag_bundle.EgoetlDagBundle", "kwargs": {}}
THREE_LINES = """\
from egoetl.recipes.index import load
from egoetl_airflow.dag_factory import build_dag

dag = build_dag(load("egoavu"))
"""


@dataclass(frozen=True)
class OtherEnvironment:
    """A virtual environment that knows nothing of this checkout."""

    folder: Path
    variables: dict[str, str]

    def run(self, *command: str, **more: str) -> str:
        """Run a program of the environment outside the checkout; returns what it wrote. Fails unless it ends with 0."""
        program = self.folder / "bin" / command[0]
        ended = subprocess.run(
            [str(program), *command[1:]],
            env={**self.variables, **more},
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert ended.returncode == 0, f"{' '.join(command)} ended with {ended.returncode}:\n{ended.stdout[-3000:]}\n{ended.stderr[-3000:]}"
        return ended.stdout

    def json(self, *command: str, **more: str) -> Any:
        """The same, of the last line."""
        return json.loads(self.run(*command, **more).strip().splitlines()[-1])


def plain_environment() -> dict[str, str]:
    """This process's environment without anything that leads back to the checkout or to another Airflow."""
    unwanted = ("EGOETL_", "AIRFLOW", "_AIRFLOW", "PYTHON", "VIRTUAL_ENV", "PYTEST_")
    return {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}


def uv(*arguments: str) -> str:
    """uv with the mirrors and certificates that pip knows, as the Makefile hands them on."""
    environment = plain_environment()
    for theirs, ours in {
        "UV_DEFAULT_INDEX": "PIP_INDEX_URL",
        "SSL_CERT_FILE": "PIP_CERT",
        "UV_HTTP_TIMEOUT": "PIP_DEFAULT_TIMEOUT",
    }.items():
        if theirs not in environment and ours in environment:
            environment[theirs] = environment[ours]
    ended = subprocess.run([str(UV), "--quiet", *arguments], env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def packages(python: Path) -> dict[str, str]:
    """Every installed package and its version."""
    return {each["name"]: each["version"] for each in json.loads(uv("pip", "list", "--format", "json", "--python", str(python)))}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> OtherEnvironment:
    """An Airflow that was there first, and then egoetl's wheel in it."""
    folder = tmp_path_factory.mktemp("existing")
    venv, python = folder / "venv", folder / "venv" / "bin" / "python"
    base = getattr(sys, "_base_executable", sys.executable)
    uv("venv", "--python", base, str(venv))
    uv("pip", "install", "--python", str(python), AIRFLOW, "--constraint", str(ROOT / "locks" / "control.txt"))
    before = packages(python)
    assert "egoetl" not in before
    (folder / "installed.txt").write_text(uv("pip", "freeze", "--python", str(python)))
    uv("build", "--wheel", "--out-dir", str(folder), str(ROOT))
    (wheel,) = folder.glob("egoetl-*.whl")
    asked = f"egoetl[{EXTRAS}] @ {wheel.as_uri()}"
    uv("pip", "install", "--python", str(python), asked, "--constraint", str(folder / "installed.txt"))
    assert before.items() <= packages(python).items(), "what was there has changed"
    uv("pip", "check", "--python", str(python))
    path = f"{venv / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return OtherEnvironment(venv, {**plain_environment(), "PATH": path, "HOME": str(folder)})


@pytest.fixture
def existing(environment: OtherEnvironment, empty_database_url: str, tmp_path: Path, tiny_footage: Footage) -> OtherEnvironment:
    """The environment with an Airflow home of its own on SQLite, and egoetl's settings."""
    variables = {
        "AIRFLOW_HOME": str(tmp_path / "airflow"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),
        "EGOETL_DATABASE_URL": empty_database_url,
        "EGOETL_STORE_URL": (tmp_path / "store").as_uri(),
        "EGOETL_MANIFEST": str(tiny_footage.manifest),
        "EGOETL_VIDEOS": str(tiny_footage.folder),
    }
    return OtherEnvironment(environment.folder, {**environment.variables, **variables})


def test_a_wheel_beside_an_airflow_that_was_there_builds_through_its_bundle(existing: OtherEnvironment) -> None:
    where = existing.run("python", "-c", "import egoetl, egoetl_airflow; print(egoetl.__file__, egoetl_airflow.__file__)")
    assert all(Path(each).is_relative_to(existing.folder) for each in where.split())
    assert "0005" in existing.run("egoetl", "db", "upgrade")
    existing.run("airflow", "db", "migrate")
    pools = existing.run("python", "-c", "from egoetl_airflow.pools import FILE; print(FILE)").strip()
    assert "egoetl_model" in existing.run("airflow", "pools", "import", pools) + existing.run("airflow", "pools", "list")
    bundles = {"AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps([BUNDLE])}
    existing.run("airflow", "dags", "reserialize", **bundles)
    listed = existing.json("airflow", "dags", "list", "--output", "json", **bundles)
    evaluations = {f"eval_{name}" for name in benchmarks.names()}
    ours = {"backfill_failed", "build_egoavu", "ingest_videos", "maintain_ledger", "eval_suite", *evaluations}
    assert {each["dag_id"] for each in listed} == ours
    checks = existing.json("egoetl", "doctor", "--json", **bundles)["checks"]
    assert {each["name"] for each in checks if each["name"].startswith("airflow")} == {"airflow", "airflow plugin", "airflow DAGs"}
    existing.run("airflow", "dags", "test", "build_egoavu", **bundles)
    (build,) = existing.json("egoetl", "build", "list", "--json")["builds"]
    assert (build["state"], build["version"], build["failed"], build["pending"]) == ("succeeded", 1, 0, 0)


def test_a_file_of_three_lines_makes_the_dag_too(existing: OtherEnvironment, tmp_path: Path) -> None:
    folder = tmp_path / "airflow" / "dags"
    folder.mkdir(parents=True)
    (folder / "build_egoavu.py").write_text(THREE_LINES)
    program = (
        "from airflow.dag_processing.dagbag import DagBag; import sys; bag = DagBag(sys.argv[1]); print(bag.import_errors, *bag.dag_ids)"
    )
    assert existing.run("python", "-c", program, str(folder)).strip().splitlines()[-1] == "{} build_egoavu"


def test_the_page_says_what_was_done_here() -> None:
    page = (ROOT / "docs" / "existing-airflow.md").read_text(encoding="utf-8")
    said = [AIRFLOW.replace("==", " "), f"egoetl[{EXTRAS}]", json.dumps(BUNDLE), THREE_LINES, "airflow pools import", "egoetl db upgrade"]
    assert [each for each in said if each not in page] == []
