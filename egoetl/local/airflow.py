"""The embedded Airflow: its configuration, its four services, and when they are ready."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from egoetl.core.errors import ConfigError, TryAgainError
from egoetl.local.airflow_api import AirflowApi, Json
from egoetl.local.home import Home
from egoetl.local.postgres import Postgres
from egoetl.local.processes import Service, Services, wait_until

Ready = Callable[[], bool]
USER = "admin"
API_SERVER = "airflow-api-server"
COMMANDS = {
    API_SERVER: ["api-server"],
    "airflow-dag-processor": ["dag-processor"],
    "airflow-scheduler": ["scheduler", "--skip-serve-logs"],
    "airflow-triggerer": ["triggerer", "--skip-serve-logs"],
}
COMPONENTS = {"airflow-dag-processor": "dag_processor", "airflow-scheduler": "scheduler", "airflow-triggerer": "triggerer"}
START_SECONDS = 180.0


@dataclass(frozen=True)
class Airflow:
    """The Airflow of one home. `project` holds dags/ and plugins/; `settings` are EGOETL_* for its tasks."""

    home: Home
    postgres: Postgres
    services: Services
    project: Path
    settings: Mapping[str, str]

    @property
    def port(self) -> int:
        """The loopback port of its api-server, chosen by `prepare`."""
        return int(self.home.recall("airflow.port") or "0")

    @property
    def password_file(self) -> Path:
        """JSON of user to password, as Airflow reads it."""
        return self.home.root / "airflow.passwords.json"

    @property
    def log_folder(self) -> Path:
        """Where tasks log."""
        return self.home.root / "airflow" / "logs"

    def api(self) -> AirflowApi:
        """Its REST API, as the admin user."""
        return AirflowApi(self.port, USER, self.home.secret("secrets/airflow.password"))

    def is_up(self) -> bool:
        """Whether its api-server runs."""
        return self.services.pid(API_SERVER) is not None

    def prepare(self) -> None:
        """Choose the port and write the login. Services left over without their api-server are ended first."""
        if not self.is_up():
            self.stop()
            self.home.port("airflow.port", first=8080)
        self.home.remember(self.password_file.name, json.dumps({USER: self.home.secret("secrets/airflow.password")}))

    def migrate(self) -> None:
        """Bring Airflow's database to this release's schema; costs nothing where that was done before."""
        if self._migrated():
            return
        with self.home.log("airflow-db-migrate").open("wb") as log:
            command = [sys.executable, "-m", "airflow", "db", "migrate"]
            done = subprocess.run(
                command,
                cwd=self.home.root,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                check=False,
            )
        if done.returncode:
            raise ConfigError(f"`airflow db migrate` failed; read {self.home.log('airflow-db-migrate')}.", reason="airflow_migrate_failed")
        self.home.remember("airflow.schema", f"{_release()} {self._revision()}")

    def start(self) -> None:
        """Start what does not run: the api-server, and when it answers the rest.

        A scheduler that queued a run before the api-server answers would lose it.
        """
        while not self._serve():
            # Another program took the port after it was found free.
            self.stop()
            self.home.port("airflow.port")
        self._make_pools()
        for name in COMPONENTS:
            self._launch(name)

    def stop(self) -> None:
        """End all of it, with everything that its tasks have started."""
        self.services.stop_all()

    def wait_until_healthy(self) -> None:
        """Wait until every component says so itself. Raises ConfigError for one that ended."""
        for name in COMPONENTS:
            self._wait(lambda name=name: self._is_well(name, self._said()), name)

    def wait_for_dag(self, dag_id: str) -> None:
        """Wait until Airflow can run a DAG. Raises ConfigError for a DAG file that it cannot read."""
        api = self.api()
        if not wait_until(lambda: api.dag(dag_id) is not None or bool(api.import_errors()), START_SECONDS, pause=0.5):
            raise TryAgainError(f"Airflow found no DAG {dag_id} in {self.project / 'dags'}; read its logs.", reason="dag_not_found")
        for broken in api.import_errors():
            last = str(broken["stack_trace"]).strip().splitlines()[-1]
            raise ConfigError(f"Airflow cannot read {broken['filename']}: {last}", reason="dag_import_error")

    def health(self) -> dict[str, bool]:
        """Each service, and whether it says that it is well."""
        said = self._said()
        return {API_SERVER: bool(said), **{name: bool(said) and self._is_well(name, said) for name in COMPONENTS}}

    def environment(self) -> dict[str, str]:
        """The whole environment of every Airflow process. Secrets are here and in files, never in a command line."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "_AIRFLOW", "PYTHONPATH"))}
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        options = {f"AIRFLOW__{name}": value for name, value in {**self._options(), **self._secrets()}.items()}
        folder = {"AIRFLOW_HOME": str(self.home.root / "airflow"), "PATH": path, "PYTHONSAFEPATH": "1"}
        return {**inherited, **folder, **options, **self.settings, **self.services.marks()}

    def _options(self) -> dict[str, str]:
        return {
            "CORE__DAGS_FOLDER": str(self.project / "dags"),
            "CORE__PLUGINS_FOLDER": str(self.project / "plugins"),
            "CORE__LOAD_EXAMPLES": "False",
            "CORE__EXECUTOR": "LocalExecutor",
            "CORE__PARALLELISM": "4",
            "CORE__HOSTNAME_CALLABLE": "socket.gethostname",
            "CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
            "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(self.password_file),
            "CORE__EXECUTION_API_SERVER_URL": f"{self.api().address}/execution/",
            "API__HOST": "127.0.0.1",
            "API__PORT": str(self.port),
            "API__BASE_URL": self.api().address,
            "API__WORKERS": "1",
            "DAG_PROCESSOR__REFRESH_INTERVAL": "30",
            "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "15",
            "DATABASE__LOAD_DEFAULT_CONNECTIONS": "False",
            "LOGGING__BASE_LOG_FOLDER": str(self.log_folder),
            "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.5",
        }

    def _secrets(self) -> dict[str, str]:
        return {
            "DATABASE__SQL_ALCHEMY_CONN": self.postgres.url("airflow").replace("postgresql://", "postgresql+psycopg2://"),
            "CORE__FERNET_KEY": self.home.secret("secrets/fernet") + "=",
            "API__SECRET_KEY": self.home.secret("secrets/api"),
            "API_AUTH__JWT_SECRET": self.home.secret("secrets/jwt"),
        }

    def _launch(self, name: str) -> None:
        self.services.start(Service(name, [sys.executable, "-m", "airflow", *COMMANDS[name]], self.environment()))

    def _serve(self) -> bool:
        """Start the api-server and wait for it; False if its port was taken meanwhile."""
        log = self.home.log(API_SERVER)
        before = log.stat().st_size if log.exists() else 0
        self._launch(API_SERVER)
        self._launch("airflow-dag-processor")
        try:
            self._wait(self._lets_us_in, API_SERVER)
        except ConfigError:
            if "address already in use" not in log.read_bytes()[before:].decode(errors="replace").lower():
                raise
            return False
        return True

    def _lets_us_in(self) -> bool:
        """Whether our own api-server answers: another one on the port would refuse our password."""
        try:
            self.api().pools()
        except (TryAgainError, ConfigError, LookupError):
            return False
        return True

    def _wait(self, ready: Ready, name: str) -> None:
        wait_until(lambda: ready() or self.services.pid(name) is None, START_SECONDS)
        if self.services.pid(name) is None:
            raise ConfigError(f"{name} ended while starting; read {self.home.log(name)}.", reason="airflow_does_not_start")
        if not ready():
            raise TryAgainError(f"{name} was not ready after {START_SECONDS:.0f} s; read {self.home.log(name)}.", reason="airflow_slow")

    def _said(self) -> Json:
        try:
            return self.api().health()
        except TryAgainError:
            return {}

    def _is_well(self, name: str, said: Json) -> bool:
        """Whether a component is healthy and said so itself: the heartbeat of one that was killed stays for a while."""
        component = COMPONENTS[name]
        state = said.get(component, {})
        if state.get("status") != "healthy" or self.services.pid(name) is None:
            return False
        heard = datetime.fromisoformat(state[f"latest_{component}_heartbeat"])
        return heard.timestamp() >= self.services.launched(name)

    def _make_pools(self) -> None:
        """Make the pools that the DAGs name; one that is there keeps the slots that somebody gave it."""
        present = self.api().pools()
        for file in (self.project / "plugins").glob("*/pools.json"):
            for name, pool in json.loads(file.read_text()).items():
                if name not in present:
                    self.api().create_pool({"name": name, **pool})

    def _migrated(self) -> bool:
        return self.home.recall("airflow.schema") == f"{_release()} {self._revision()}"

    def _revision(self) -> str:
        if not self.postgres.sql("airflow", "SELECT to_regclass('alembic_version')").strip():
            return "none"
        return self.postgres.sql("airflow", "SELECT version_num FROM alembic_version").strip()


def _release() -> str:
    return version("apache-airflow-core")
