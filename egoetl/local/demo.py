"""The demo: sample footage, the installation, and one run of DAG `build_egoavu` from trigger to end."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from egoetl.core.errors import CallerError
from egoetl.core.settings import Settings
from egoetl.local.installation import Installation
from egoetl.local.progress import Steps
from egoetl.runner.tools import Tools

RECIPE = "egoavu"
DAG = f"build_{RECIPE}"
PREFIX = "demo-"
OVER = ("success", "failed")
Look = Callable[[list[dict[str, Any]]], None]
"""Shown the counts of each stage, again and again."""


@dataclass(frozen=True)
class FailedTask:
    """A task instance that failed: what it said last, and where the rest stands."""

    task: str
    reason: str
    log: Path | None


@dataclass(frozen=True)
class Demo:
    """One run of the demo in an installation."""

    installation: Installation

    @property
    def folder(self) -> Path:
        """Where the sample footage lies."""
        return self.installation.home.root / "demo"

    @property
    def tools(self) -> Tools:
        """The adapters of the installation."""
        settings = self.installation.settings()
        database = SecretStr(settings["EGOETL_DATABASE_URL"])
        return Tools(Settings(database_url=database, store_url=settings["EGOETL_STORE_URL"], home=self.installation.home.root))

    def prepare(self, steps: Steps) -> None:
        """Make the footage, bring the installation up, and wait until Airflow knows the DAG."""
        from egoetl.footage.maker import make

        with steps.counted("Sample footage") as tell:
            make(self.folder, tell)
        airflow = self.installation.airflow
        was_up = airflow.is_up()
        self.installation.up(steps)
        with steps.step(f"DAG {DAG}"):
            airflow.wait_for_dag(DAG)
            airflow.api().unpause(DAG)
        if not was_up:
            self._end_stale_runs()

    def trigger(self, engine: str, limit: int | None) -> str:
        """Start a run, or return the one that an interrupted demo has left running. Returns the run's id."""
        api = self.installation.airflow.api()
        if running := self._running():
            return running[-1]
        conf = {"manifest": str(self.folder / "manifest.csv"), "videos": str(self.folder), "engine": engine, "limit": limit}
        return api.trigger(DAG, conf, run_id=PREFIX + datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ"))

    def follow(self, run_id: str, look: Look, *, pause: float = 1.0) -> str:
        """Watch a run until it is over; returns its state."""
        api, reports = self.installation.airflow.api(), self.tools.reports
        while (state := str(api.run(DAG, run_id)["state"])) not in OVER:
            if (seq := self._build_seq(run_id)) is not None:
                look(reports.funnel(seq))
            time.sleep(pause)
        return state

    def build_of(self, run_id: str) -> str:
        """The name of a run's build."""
        return f"{RECIPE}-{run_id}"

    def failed_tasks(self, run_id: str) -> list[FailedTask]:
        """The run's tasks that failed themselves."""
        tasks = self.installation.airflow.api().task_instances(DAG, run_id)
        return [self._failed(run_id, each) for each in tasks if each["state"] == "failed"]

    def said(self, build: str) -> Mapping[str, list[Any]]:
        """What the build found in each video, for the comparison with `truth.json`."""
        from egoetl.runner.truth import facts_of

        return facts_of(self.tools, build)

    def _running(self) -> list[str]:
        return [run for run in self.installation.airflow.api().running(DAG) if run.startswith(PREFIX)]

    def _end_stale_runs(self) -> None:
        """Give up runs whose tasks ended with the Airflow that they ran in; a new run takes over what they committed."""
        for run in self._running():
            self.installation.airflow.api().fail(DAG, run)

    def _build_seq(self, run_id: str) -> int | None:
        try:
            return self.tools.ledger.build(self.build_of(run_id)).seq
        except CallerError:
            return None

    def _failed(self, run_id: str, task: Mapping[str, Any]) -> FailedTask:
        index = task["map_index"]
        folder = self.installation.home.root / "airflow" / "logs" / f"dag_id={DAG}" / f"run_id={run_id}" / f"task_id={task['task_id']}"
        folder = folder / f"map_index={index}" if index >= 0 else folder
        log = folder / f"attempt={task['try_number']}.log"
        name = task["task_id"] + (f"[{task['rendered_map_index'] or index}]" if index >= 0 else "")
        if not log.is_file():
            return FailedTask(name, "it wrote no log", None)
        return FailedTask(name, next(_errors(log), "it named no reason"), log)


def _errors(log: Path) -> Iterator[str]:
    """What a task's log calls an error, last first."""
    for line in reversed(log.read_text(errors="replace").splitlines()):
        try:
            entry = json.loads(line)
        except json.JSONDecodeError:
            continue
        if entry.get("level") in ("error", "critical"):
            details = entry.get("error_detail") or [{}]
            yield str(details[0].get("exc_value") or entry.get("event"))
