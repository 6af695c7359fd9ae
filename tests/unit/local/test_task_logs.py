"""A failed task is named with its last error and its log."""

import json
from pathlib import Path
from typing import Any
from unittest.mock import Mock

from egoetl.local.airflow import Airflow
from egoetl.local.task_logs import failed_tasks

TASK = {"task_id": "shard.caption", "map_index": 1, "rendered_map_index": "shard 001 (4 clips)", "state": "failed", "try_number": 2}


def airflow_with(tmp_path: Path, tasks: list[dict[str, Any]]) -> Airflow:
    return Mock(spec=Airflow, log_folder=tmp_path, api=lambda: Mock(task_instances=lambda _dag, _run: tasks))


def write_log(tmp_path: Path, lines: list[str]) -> Path:
    folder = tmp_path / "dag_id=d" / "run_id=r" / "task_id=shard.caption" / "map_index=1"
    folder.mkdir(parents=True)
    log = folder / "attempt=2.log"
    log.write_text("\n".join(lines))
    return log


def test_the_last_error_counts_and_other_lines_do_not(tmp_path: Path) -> None:
    error = {"level": "error", "event": "Task failed with exception", "error_detail": [{"exc_value": "the video is gone"}]}
    log = write_log(tmp_path, [json.dumps({"level": "error", "event": "first"}), json.dumps(error), "no JSON", '{"level": "info"}'])
    (failed,) = failed_tasks(airflow_with(tmp_path, [TASK, {**TASK, "state": "upstream_failed"}]), "d", "r")
    assert (failed.task, failed.reason, failed.log) == ("shard.caption[shard 001 (4 clips)]", "the video is gone", log)


def test_an_error_without_an_exception_is_its_message(tmp_path: Path) -> None:
    write_log(tmp_path, [json.dumps({"level": "critical", "event": "killed"})])
    assert failed_tasks(airflow_with(tmp_path, [TASK]), "d", "r")[0].reason == "killed"


def test_a_task_without_a_log_says_so(tmp_path: Path) -> None:
    plan = {**TASK, "task_id": "plan", "map_index": -1}
    (failed,) = failed_tasks(airflow_with(tmp_path, [plan]), "d", "r")
    assert (failed.task, failed.reason) == ("plan", "it never began")
