"""Airflow's REST API, as far as the embedded installation asks it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import quote

from egoetl.core.errors import ConfigError, TryAgainError

Json = dict[str, Any]


@dataclass
class AirflowApi:
    """An api-server of this machine and one user. Every call raises TryAgainError while the server is away."""

    port: int
    user: str
    password: str = field(repr=False)
    _token: str | None = field(default=None, repr=False)

    @property
    def address(self) -> str:
        """Where a browser finds it."""
        return f"http://127.0.0.1:{self.port}"

    def health(self) -> Json:
        """State of each component: `{"scheduler": {"status": "healthy", ...}, ...}`."""
        return self._send("GET", "/api/v2/monitor/health")

    def dag(self, dag_id: str) -> Json | None:
        """What Airflow knows of a DAG, or None as long as it knows nothing."""
        try:
            return self._ask("GET", f"/dags/{dag_id}")
        except LookupError:
            return None

    def import_errors(self) -> list[Json]:
        """DAG files that Airflow cannot read, each with `filename` and `stack_trace`."""
        return self._ask("GET", "/importErrors")["import_errors"]

    def pools(self) -> list[str]:
        """Names of all pools."""
        return [pool["name"] for pool in self._ask("GET", "/pools?limit=1000")["pools"]]

    def create_pool(self, pool: Json) -> None:
        """Make a pool of `name`, `slots`, `description` and `include_deferred`."""
        self._ask("POST", "/pools", pool)

    def unpause(self, dag_id: str) -> None:
        """Let the scheduler work on a DAG's runs."""
        self._ask("PATCH", f"/dags/{dag_id}?update_mask=is_paused", {"is_paused": False})

    def trigger(self, dag_id: str, conf: Mapping[str, Any], *, run_id: str | None = None) -> str:
        """Start a run with these parameters; returns its id. Raises ConfigError with Airflow's words for a bad one."""
        asked = {"dag_run_id": run_id, "logical_date": None, "conf": dict(conf)}
        return self._ask("POST", f"/dags/{dag_id}/dagRuns", asked)["dag_run_id"]

    def backfill(self, dag_id: str, midnight: str) -> None:
        """Run a DAG for one past date, or again if it ran for it and failed; `midnight` is when the run was due, as YYYY-MM-DD."""
        when = f"{midnight}T00:00:00Z"
        wanted = {"dag_id": dag_id, "from_date": when, "to_date": when, "reprocess_behavior": "failed", "max_active_runs": 1}
        self._ask("POST", "/backfills", wanted)

    def run(self, dag_id: str, run_id: str) -> Json:
        """A run, with its `state`: queued, running, success or failed."""
        return self._ask("GET", f"/dags/{dag_id}/dagRuns/{quote(run_id)}")

    def running(self, dag_id: str) -> list[str]:
        """Ids of the DAG's runs that are queued or running, oldest first."""
        return [run["dag_run_id"] for run in self._ask("GET", f"/dags/{dag_id}/dagRuns?state=queued&state=running&order_by=id")["dag_runs"]]

    def fail(self, dag_id: str, run_id: str) -> None:
        """Give a run up: its tasks are ended, and it counts as failed."""
        self._ask("PATCH", f"/dags/{dag_id}/dagRuns/{quote(run_id)}?update_mask=state", {"state": "failed"})

    def task_instances(self, dag_id: str, run_id: str) -> list[Json]:
        """A run's task instances, each with `task_id`, `map_index`, `state` and `try_number`."""
        return self._ask("GET", f"/dags/{dag_id}/dagRuns/{quote(run_id)}/taskInstances?limit=1000")["task_instances"]

    def clear(self, dag_id: str, run_id: str, task_id: str, map_index: int) -> int:
        """Run one mapped task and what hangs below it again; returns how many task instances that are."""
        wanted = {"dag_run_id": run_id, "task_ids": [[task_id, map_index]], "include_downstream": True}
        how = {"only_failed": False, "dry_run": False, "reset_dag_runs": True}
        return self._ask("POST", f"/dags/{dag_id}/clearTaskInstances", {**wanted, **how})["total_entries"]

    def fail_task(self, dag_id: str, run_id: str, task_id: str, map_index: int = -1) -> None:
        """Mark a task failed, as a person does in the grid: what it runs is ended."""
        where = f"/dags/{dag_id}/dagRuns/{quote(run_id)}/taskInstances/{task_id}" + (f"/{map_index}" if map_index >= 0 else "")
        self._ask("PATCH", f"{where}?update_mask=new_state", {"new_state": "failed"})

    def log(self, dag_id: str, run_id: str, task_id: str, map_index: int = -1, *, attempt: int = 1) -> list[str]:
        """The lines of a try's log, as the interface shows them; an exception's message follows the line that tells of it."""
        where = f"/dags/{dag_id}/dagRuns/{quote(run_id)}/taskInstances/{task_id}/logs/{attempt}"
        entries: list[Json | str] = self._ask("GET", f"{where}?map_index={map_index}&full_content=true")["content"]
        return [line for entry in entries for line in _log_lines(entry)]

    def _ask(self, method: str, path: str, body: Json | None = None) -> Json:
        if self._token is None:
            login = {"username": self.user, "password": self.password}
            self._token = str(self._send("POST", "/auth/token", login)["access_token"])
        return self._send(method, "/api/v2" + path, body, token=self._token)

    def _send(self, method: str, path: str, body: Json | None = None, *, token: str | None = None) -> Json:
        headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            said = answer.read()
        except (OSError, HTTPException) as away:
            raise TryAgainError(
                f"Airflow at {self.address} does not answer ({away}); see `egoetl local status`.", reason="airflow_away"
            ) from away
        finally:
            connection.close()
        if answer.status >= 400:
            raise _meaning(answer.status, said.decode(errors="replace")[:500], f"{method} {path}")
        return json.loads(said)


def _meaning(status: int, said: str, asked: str) -> Exception:
    if status == 404:
        return LookupError(f"Airflow knows nothing under {asked}")
    if status >= 500:
        return TryAgainError(f"Airflow failed on {asked} ({status}): {said}", reason="airflow_failed")
    return ConfigError(f"Airflow refused {asked} ({status}): {said}", reason="airflow_refused")


def _log_lines(entry: Json | str) -> list[str]:
    if isinstance(entry, str):
        return [entry]
    causes: list[Json] = entry.get("error_detail") or []
    return [str(entry["event"]), *(str(cause["exc_value"]) for cause in causes)]
