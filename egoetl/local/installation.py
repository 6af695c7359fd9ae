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
from egoetl.lineage.roles import make_login
from egoetl.local.airflow import COMMANDS, USER, Airflow
from egoetl.local.home import Home
from egoetl.local.postgres import USER as LOGIN
from egoetl.local.postgres import Postgres, password_name
from egoetl.local.processes import Services, wait_until
from egoetl.local.progress import Steps
from egoetl.local.project import project_root

WORKING = "up.pid"
DATABASE = "egoetl"
WRITER = "egoetl_worker"
"""The login of tasks, and of whoever loads what `egoetl local up` prints."""
READER = "egoetl_analyst"
"""The login of `.egoetl/psql`."""


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
        nightly = {name: os.environ[name] for name in (*footage, "EGOETL_ARRIVALS") if os.environ.get(name)} or footage
        return Airflow(self.home, self.postgres, Services(self.home), project_root(), {**self.settings(), **nightly})

    @property
    def footage(self) -> Path:
        """Where the demo keeps its sample footage."""
        return self.home.root / "demo"

    def settings(self) -> dict[str, str]:
        """The environment in which every egoetl command works on this installation.

        A store on S3, and where stages run, are what this process's own environment says. A folder is the home's own: the
        environment of another home may still be loaded.
        """
        store = os.environ.get("EGOETL_STORE_URL", "")
        return {
            "EGOETL_DATABASE_URL": self.postgres.url(DATABASE, WRITER),
            "EGOETL_DATABASE_OWNER_URL": self.postgres.url(DATABASE),
            "EGOETL_STORE_URL": store if store.startswith("s3://") else (self.home.root / "store").as_uri(),
            "EGOETL_EXECUTION": os.environ.get("EGOETL_EXECUTION", "local"),
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
                    self._upgrade()
                return
            airflow = self.airflow
            with steps.step("Database schemas"), ThreadPoolExecutor() as pool:
                airflow.prepare()
                lineage = pool.submit(self._upgrade)
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

    def _upgrade(self) -> None:
        """Make the lineage database's roles, this installation's logins in them, and this release's schema."""
        owner = self.postgres.url(DATABASE)
        make_login(owner, WRITER, "writer", self.home.secret(password_name(WRITER)))
        make_login(owner, READER, "reader", self.home.secret(password_name(READER)))
        upgrade(owner)

    def _write_psql(self) -> None:
        """Commands that ask the lineage database, for a machine without psql: one that only reads, and one that may do everything."""
        for name, login in (("psql", READER), ("psql-owner", LOGIN)):
            command = shlex.join(self.postgres.psql_command(DATABASE, login=login))
            password = shlex.quote(str(self.home.root / password_name(login)))
            self.home.remember(name, f'#!/bin/sh\nPSQL_PAGER=cat PGPASSWORD="$(cat {password})" exec {command} "$@"')
            (self.home.root / name).chmod(0o700)
