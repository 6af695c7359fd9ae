"""The DAG `maintain_ledger`: what it runs, and that only its command gets the login of the database's owner."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG

from egoetl_airflow.stage_operator import StageProcessOperator

DAGS = Path(__file__).parents[2] / "dags"
SEEN = "import json, os, pathlib, sys; pathlib.Path(os.environ['SEEN']).write_text(json.dumps([sys.argv[1:], dict(os.environ)]))"
OWNER = "EGOETL_DATABASE_OWNER_URL"


@pytest.fixture(scope="module")
def upkeep() -> DAG:
    return DagBag(dag_folder=DAGS / "maintain_ledger.py").dags["maintain_ledger"]


@pytest.fixture
def seen(
    fake_egoetl: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[list[str], dict[str, str]]]:
    """`seen(operator, dry_run=False)` runs the operator; returns its command's arguments and environment."""
    fake_egoetl(SEEN)
    monkeypatch.setenv("SEEN", str(tmp_path / "seen.json"))
    monkeypatch.setenv(OWNER, "postgresql://owner:secret@db/lineage")
    monkeypatch.setenv("EGOETL_DATABASE_URL", "postgresql://worker:secret@db/lineage")

    def run(operator: Any, *, dry_run: bool = False) -> tuple[list[str], dict[str, str]]:
        ti = SimpleNamespace(dag_id="maintain_ledger", run_id="manual__1", task_id=operator.task_id, map_index=-1, try_number=1)
        context = {"ti": ti, "run_id": "manual__1", "params": {"dry_run": dry_run}}
        operator.arguments = [operator.render_template(each, context) for each in operator.arguments]
        operator.execute(context)
        arguments, environment = json.loads((tmp_path / "seen.json").read_text())
        return arguments, environment

    return run


@pytest.mark.parametrize("dry_run", [False, True])
def test_it_maintains_as_the_owner(upkeep: DAG, seen: Callable[..., tuple[list[str], dict[str, str]]], dry_run: bool) -> None:
    (task,) = upkeep.tasks
    original = list(task.arguments)
    arguments, environment = seen(task, dry_run=dry_run)
    task.arguments = original
    assert arguments == ["db", "maintain", "--json", *(["--dry-run"] if dry_run else [])]
    assert environment[OWNER] == "postgresql://owner:secret@db/lineage"


def test_a_stage_does_not_see_the_owners_login(seen: Callable[..., tuple[list[str], dict[str, str]]]) -> None:
    _, environment = seen(StageProcessOperator(task_id="caption", arguments=["stage", "run"]))
    assert environment[OWNER] == ""
    assert environment["EGOETL_DATABASE_URL"] == "postgresql://worker:secret@db/lineage"


def test_one_run_at_a_time_and_none_for_days_that_are_over(upkeep: DAG) -> None:
    assert upkeep.max_active_runs == 1
    assert not upkeep.catchup
