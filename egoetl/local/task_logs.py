"""Why a task of the embedded Airflow failed, from its own log."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from egoetl.local.airflow import Airflow


@dataclass(frozen=True)
class FailedTask:
    """A task instance that failed: what it said last, and where the rest stands."""

    task: str
    reason: str
    log: Path


def failed_tasks(airflow: Airflow, dag_id: str, run_id: str) -> list[FailedTask]:
    """The run's tasks that failed themselves; those that only waited for them are left out."""
    tasks = airflow.api().task_instances(dag_id, run_id)
    return [_failed(airflow.log_folder / f"dag_id={dag_id}" / f"run_id={run_id}", each) for each in tasks if each["state"] == "failed"]


def _failed(folder: Path, task: Mapping[str, Any]) -> FailedTask:
    name, place = str(task["task_id"]), folder / f"task_id={task['task_id']}"
    if task["map_index"] >= 0:
        name += f"[{task['rendered_map_index'] or task['map_index']}]"
        place /= f"map_index={task['map_index']}"
    log = place / f"attempt={task['try_number']}.log"
    if not log.is_file():
        return FailedTask(name, "it never began", log)
    return FailedTask(name, next(_errors(log), "it named no reason"), log)


def _errors(log: Path) -> Iterator[str]:
    """What a task's log calls an error, last first. A line is one JSON object, but what a program printed may be between."""
    for line in reversed(log.read_text(errors="replace").splitlines()):
        try:
            entry: dict[str, Any] = json.loads(line)
        except json.JSONDecodeError:
            continue
        if entry.get("level") in ("error", "critical"):
            causes: list[dict[str, Any]] = entry.get("error_detail") or []
            yield str(causes[0]["exc_value"] if causes else entry["event"])
