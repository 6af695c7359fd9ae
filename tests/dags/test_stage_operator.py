"""What becomes of a task when its command ends: real scripts in the place of `egoetl`."""

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from egoetl_airflow.stage_operator import PlanOperator, StageProcessOperator


def context(**more: Any) -> dict[str, Any]:
    ti = SimpleNamespace(dag_id="build_small", run_id="manual__1", task_id="shard.caption", map_index=3, try_number=2)
    params = {"manifest": "m.csv", "videos": "v", "engine": "measured", "limit": None, "clips_per_shard": None, "settings": []}
    params["arrivals"] = False
    return {"ti": ti, "run_id": "manual__1", "params": params, "dag_run": SimpleNamespace(run_type="manual"), **more}


def stage(*arguments: object) -> StageProcessOperator:
    return StageProcessOperator(task_id="caption", arguments=arguments)


@pytest.mark.parametrize("code", [75, 128 + signal.SIGTERM, 128 + signal.SIGKILL])
def test_a_passing_trouble_is_tried_again_with_the_commands_last_word(code: int, fake_egoetl: Callable[[str], Path]) -> None:
    fake_egoetl(f"import sys; print('progress'); print('The database is away.', file=sys.stderr); sys.exit({code})")
    with pytest.raises(AirflowException, match=r"The database is away\.") as raised:
        stage("stage", "run").execute(context())
    assert not isinstance(raised.value, AirflowFailException)


def test_a_command_that_a_signal_ends_is_tried_again(fake_egoetl: Callable[[str], Path]) -> None:
    fake_egoetl("import os; os.kill(os.getpid(), 9)")
    with pytest.raises(AirflowException, match="ended by signal 9") as raised:
        stage("stage", "run").execute(context())
    assert not isinstance(raised.value, AirflowFailException)


@pytest.mark.parametrize("code", [1, 2, 64, 65, 70, 78, 126, 255])
def test_everything_else_fails_for_good_with_the_commands_last_word(code: int, fake_egoetl: Callable[[str], Path]) -> None:
    fake_egoetl(f"import sys; print('Yield 0.9 is below the floor 1.0.', file=sys.stderr); sys.exit({code})")
    with pytest.raises(AirflowFailException, match=rf"egoetl stage run failed with exit code {code}: Yield 0\.9 is below the floor"):
        stage("stage", "run", "--stages", "gate").execute(context())


def test_a_cancelled_build_is_not_tried_again(fake_egoetl: Callable[[str], Path]) -> None:
    fake_egoetl("import sys; print('egoetl: Build b was cancelled; what was finished is kept.', file=sys.stderr); sys.exit(79)")
    with pytest.raises(AirflowFailException, match="egoetl stage run was stopped: egoetl: Build b was cancelled"):
        stage("stage", "run").execute(context())


def test_the_command_gets_its_arguments_the_workers_environment_and_the_airflow_coordinates(
    fake_egoetl: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_egoetl("import json, os, pathlib, sys; pathlib.Path(os.environ['SEEN']).write_text(json.dumps([sys.argv[1:], dict(os.environ)]))")
    monkeypatch.setenv("SEEN", str(tmp_path / "seen.json"))
    stage("stage", "run", "--shard", 3).execute(context())
    arguments, environment = json.loads((tmp_path / "seen.json").read_text())
    assert arguments == ["stage", "run", "--shard", "3"]
    assert {name: value for name, value in environment.items() if name.startswith("EGOETL_AIRFLOW_")} == {
        "EGOETL_AIRFLOW_DAG_ID": "build_small",
        "EGOETL_AIRFLOW_RUN_ID": "manual__1",
        "EGOETL_AIRFLOW_TASK_ID": "shard.caption",
        "EGOETL_AIRFLOW_MAP_INDEX": "3",
        "EGOETL_AIRFLOW_TRY_NUMBER": "2",
    }


def test_killing_the_task_ends_the_command_and_asks_for_another_try(
    fake_egoetl: Callable[[str], Path], tmp_path: Path, assert_gone: Callable[[Iterable[int], float], None]
) -> None:
    fake_egoetl(f"import os, pathlib, time; pathlib.Path({str(tmp_path / 'pid')!r}).write_text(str(os.getpid())); time.sleep(600)")
    operator = stage("stage", "run")
    # As Airflow's task runner does: the handler calls on_kill, and execute goes on in the same thread.
    before = signal.signal(signal.SIGTERM, lambda *_: operator.on_kill())
    terminator = threading.Thread(target=terminate_once_there, args=(tmp_path / "pid",))
    terminator.start()
    try:
        with pytest.raises(AirflowException, match="ended by signal"):
            operator.execute(context())
    finally:
        terminator.join()
        signal.signal(signal.SIGTERM, before)
    assert_gone([int((tmp_path / "pid").read_text())], 2)


def terminate_once_there(file: Path) -> None:
    while not (file.exists() and file.read_text()):
        time.sleep(0.02)
    os.kill(os.getpid(), signal.SIGTERM)


def test_a_task_that_was_never_started_can_be_killed() -> None:
    stage("stage", "run").on_kill()


def test_the_plan_returns_shards_and_nothing_else(fake_egoetl: Callable[[str], Path]) -> None:
    answer = {"build": "small-manual__1", "secret": 1, "shards": [{"shard": 0, "label": "shard 000 (4 clips)", "rows": [1, 2]}]}
    fake_egoetl(f"import json; print('reading'); print(json.dumps({answer!r}))")
    assert PlanOperator(task_id="plan", recipe="small").execute(context()) == [{"shard": 0, "label": "shard 000 (4 clips)"}]


@pytest.mark.parametrize("line", ["", "done", "[]", '{"build": "b"}', '{"shards": [{"shard": "x", "label": "y"}]}'])
def test_a_plan_without_shards_fails_with_a_sentence(line: str, fake_egoetl: Callable[[str], Path]) -> None:
    fake_egoetl(f"print({line!r})")
    with pytest.raises(AirflowFailException, match="not with its list of shards"):
        PlanOperator(task_id="plan", recipe="small").execute(context())


def test_a_plan_without_a_manifest_fails_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EGOETL_MANIFEST", raising=False)
    given = context()
    given["params"]["manifest"] = None
    with pytest.raises(AirflowFailException, match="no manifest: fill in the form's field 'manifest', or set EGOETL_MANIFEST"):
        PlanOperator(task_id="plan", recipe="small").execute(given)
