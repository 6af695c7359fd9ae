"""The whole embedded installation: brought up, taken down and looked at as one thing."""

import os
import shlex
import shutil
import signal
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from egoetl.core.errors import TryAgainError
from egoetl.core.settings import Settings
from egoetl.lineage.migrate import upgrade
from egoetl.local.airflow import COMMANDS, USER, Airflow
from egoetl.local.home import Home
from egoetl.local.postgres import Postgres
from egoetl.local.processes import Services, wait_until
from egoetl.local.progress import Steps
from egoetl.local.project import project_root

WORKING = "up.pid"


@dataclass(frozen=True)
class ServiceStatus:
    """How one service stands."""

    name: str
    pid: int | None
    port: int | None
    healthy: bool


@dataclass(frozen=True)
class Installation:
    """PostgreSQL with both databases, and Airflow, of one home."""

    home: Home

    @classmethod
    def of(cls, settings: Settings) -> "Installation":
        """The installation below EGOETL_HOME."""
        return cls(Home.at(settings.home))

    @property
    def postgres(self) -> Postgres:
        """Its server."""
        return Postgres(self.home)

    @property
    def airflow(self) -> Airflow:
        """Its Airflow, running or not."""
        # What a scheduled night builds, unless the environment names something else.
        footage = {"EGOETL_MANIFEST": str(self.footage / "manifest.csv"), "EGOETL_VIDEOS": str(self.footage)}
        nightly = {name: os.environ.get(name, value) for name, value in footage.items()}
        return Airflow(self.home, self.postgres, Services(self.home), project_root(), {**self.settings(), **nightly})

    @property
    def footage(self) -> Path:
        """Where the demo keeps its sample footage."""
        return self.home.root / "demo"

    def settings(self) -> dict[str, str]:
        """The environment in which every egoetl command works on this installation."""
        return {
            "EGOETL_DATABASE_URL": self.postgres.url("egoetl"),
            "EGOETL_STORE_URL": (self.home.root / "store").as_uri(),
            "EGOETL_EXECUTION": "local",
            "EGOETL_HOME": str(self.home.root),
        }

    def login(self) -> dict[str, str]:
        """Airflow's address, its user, and the file that holds the password."""
        airflow = self.airflow
        return {"airflow_url": airflow.api().address, "airflow_user": USER, "airflow_password_file": str(airflow.password_file)}

    def up(self, steps: Steps, *, with_airflow: bool = True) -> None:
        """Bring everything up that is not. What runs already is left alone, so calling it again is quick."""
        with self._working():
            with steps.step("PostgreSQL"):
                self.postgres.start()
                self._write_psql()
            if not with_airflow:
                with steps.step("Lineage schema"):
                    upgrade(self.postgres.url("egoetl"))
                return
            airflow = self.airflow
            with steps.step("Database schemas"), ThreadPoolExecutor() as pool:
                airflow.prepare()
                lineage = pool.submit(upgrade, self.postgres.url("egoetl"))
                airflow.migrate()
                lineage.result()
            with steps.step("Airflow"):
                airflow.start()
                airflow.wait_until_healthy()

    def down(self) -> None:
        """End everything, also what a command that was killed has left behind."""
        self._end_other_command()
        with self.home.locked("up"):
            Services(self.home).stop_all()
            self.postgres.stop()

    def remove(self) -> None:
        """End everything and delete it with all data."""
        self.down()
        self.postgres.remove()
        shutil.rmtree(self.home.root)

    def status(self) -> list[ServiceStatus]:
        """Every service, in the order in which they start."""
        postgres, services = self.postgres, Services(self.home)
        pid = postgres.pid()
        healthy = self.airflow.health()
        return [
            ServiceStatus("postgres", pid, postgres.port if pid else None, pid is not None),
            *(self._service(services, name, healthy[name]) for name in COMMANDS),
        ]

    def _service(self, services: Services, name: str, healthy: bool) -> ServiceStatus:
        pid = services.pid(name)
        port = self.airflow.port if pid and name == "airflow-api-server" else None
        return ServiceStatus(name, pid, port, pid is not None and healthy)

    @contextmanager
    def _working(self) -> Generator[None]:
        """Only one `up` at a time; `down` finds it by the pid that it leaves here."""
        with self.home.locked("up"):
            self.home.remember(WORKING, str(os.getpid()))
            try:
                yield
            finally:
                (self.home.root / WORKING).unlink(missing_ok=True)

    def _end_other_command(self) -> None:
        """End an `up` that is under way in another terminal, which would go on starting what `down` ends."""
        if not self.home.is_locked("up"):
            return
        pid = self.home.recall(WORKING)
        if pid is not None and int(pid) != os.getpid():
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGTERM)
        if not wait_until(lambda: not self.home.is_locked("up"), 10):
            raise TryAgainError(f"`egoetl local up` (process {pid}) does not end; end it and try again.", reason="up_does_not_end")

    def _write_psql(self) -> None:
        """A command that asks the lineage database, for a machine without psql."""
        command = shlex.join(self.postgres.psql_command("egoetl"))
        password = shlex.quote(str(self.home.root / "postgres.password"))
        self.home.remember("psql", f'#!/bin/sh\nPSQL_PAGER=cat PGPASSWORD="$(cat {password})" exec {command} "$@"')
        (self.home.root / "psql").chmod(0o700)
