"""The embedded PostgreSQL: made, started, stopped and asked on this machine, on loopback, with a generated password."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from egoetl.core.errors import ConfigError, TryAgainError
from egoetl.local.home import Home
from egoetl.local.postgres_folder import MAJOR, PostgresFolder, folder_of, prepare
from egoetl.local.processes import arguments_of, family, has_ended, process, process_folder, processes, wait_until

USER = "egoetl"
DATABASES = ("airflow", "egoetl")
START_SECONDS = 60
STOP_SECONDS = 30


@dataclass(frozen=True)
class Postgres:
    """One embedded server. `settings` are further lines of its configuration, read when its data folder is made."""

    home: Home
    settings: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def folder(self) -> PostgresFolder:
        """Where its programs, data and log lie."""
        return folder_of(self.home)

    @property
    def port(self) -> int | None:
        """The port that it listens on or last listened on."""
        port = self.home.recall("postgres.port")
        return int(port) if port else None

    def pid(self) -> int | None:
        """The process id of the running server; a stale or foreign lock file counts for nothing."""
        try:
            pid = int((self.folder.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return None
        return pid if _serves(pid, self.folder.data) else None

    def url(self, database: str, login: str = USER) -> str:
        """The address of a database for a login, with its password."""
        return f"postgresql://{login}:{self.home.secret(password_name(login))}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start the server if it does not run, making its data folder and databases if they are missing.

        Raises:
            ConfigError: the data folder is damaged or of another release, or the server says no.
        """
        with self.home.locked("postgres"):
            self._forget_removed_home()
            if self.pid() is None:
                prepare(self.folder)
                self._make_data()
                self._launch()
            present = self.sql("postgres", "SELECT datname FROM pg_database").split()
            for database in DATABASES:
                if database not in present:
                    self.create_database(database)

    def stop(self) -> None:
        """Stop the server and wait until it is gone; one that does not run is fine. Sessions are ended, data is kept."""
        wait_until(lambda: not self._launching(), START_SECONDS)
        if (pid := self.pid()) is None:
            return
        processes_of_it = family([pid])
        for mode in ("fast", "immediate"):
            self._run("pg_ctl", "stop", "--pgdata", str(self.folder.data), "--mode", mode, "--wait", "--timeout", "30")
            if self.pid() is None:
                # The lock file goes a moment before the processes do.
                wait_until(lambda: all(map(has_ended, processes_of_it)), STOP_SECONDS)
                return
        raise TryAgainError(f"PostgreSQL did not stop; read {self.folder.log} and try again.", reason="postgres_does_not_stop")

    def remove(self) -> None:
        """Stop the server and delete its programs, data and log."""
        self.stop()
        shutil.rmtree(self.folder.path, ignore_errors=True)

    def create_database(self, name: str, *, template: str | None = None) -> None:
        """Make a database, as a copy of `template` if given. Names are the caller's own and never come from outside."""
        self.sql("postgres", f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))

    def drop_database(self, name: str) -> None:
        """Delete a database and end its sessions; absent is fine."""
        self.sql("postgres", f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def sql(self, database: str, statement: str) -> str:
        """What psql prints for a statement, bare. Raises ConfigError with the server's words."""
        done = subprocess.run(
            self.psql_command(database, "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--command", statement),
            env={"PGPASSWORD": self.home.secret("postgres.password"), "PATH": os.defpath},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise ConfigError(f"PostgreSQL at port {self.port} refused a statement: {done.stderr.strip()}.", reason="postgres_refused")
        return done.stdout

    def psql_command(self, database: str, *arguments: str, login: str = USER) -> list[str]:
        """The command of psql for a database; the password comes from the environment (PGPASSWORD)."""
        where = ["--host=127.0.0.1", f"--port={self.port}", f"--username={login}", f"--dbname={database}"]
        return [self.folder.program("psql"), *where, *arguments]

    def _launching(self) -> bool:
        """Whether a pg_ctl is at work, perhaps of a command that was killed: its server is not to be missed."""
        data = str(self.folder.data)
        return any("pg_ctl" in command[0] and data in command for each in processes() if (command := arguments_of(each.pid)))

    def _forget_removed_home(self) -> None:
        """As root the data lies outside the home: if the home was deleted and made anew, its old database goes too."""
        folder = self.folder
        # The port, because looking at a new home makes a password already.
        if folder.account is not None and self.port is None and folder.path.is_dir():
            self.remove()

    def _make_data(self) -> None:
        """Run initdb beside the data folder and rename it when whole, so that a killed initdb leaves nothing to mend."""
        data = self.folder.data
        if data.exists():
            _check_data(data)
            return
        for left in data.parent.glob("*.partial-*"):
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        # The name is this process's own: an initdb that outlived a killed command cannot touch it.
        partial = data.with_name(f"data.partial-{os.getpid()}")
        partial.mkdir(mode=0o700)
        password = data.with_name(f"password.partial-{os.getpid()}")
        password.touch(mode=0o600)
        password.write_text(self.home.secret("postgres.password"))
        for path in (partial, password):
            self.folder.give(path)
        how = ["--auth=scram-sha-256", f"--pwfile={password}", "--encoding=UTF8", "--locale=C.UTF-8"]
        done = self._run("initdb", f"--pgdata={partial}", f"--username={USER}", *how)
        password.unlink()
        if done.returncode:
            raise ConfigError(f"PostgreSQL could not make its data folder {data}: {done.stderr.strip()}", reason="postgres_initdb_failed")
        with (partial / "postgresql.conf").open("a") as out:
            out.writelines(f"{name} = '{value}'\n" for name, value in self._configuration().items())
        partial.rename(data)

    def _configuration(self) -> dict[str, str]:
        # No Unix socket: the path of a home may be longer than a socket's name can be.
        fixed = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "max_connections": "200", "timezone": "UTC"}
        return {**fixed, **self.settings}

    def _launch(self) -> None:
        """Start the server on its remembered port, or another if that one is taken, also between looking and starting."""
        data = self.folder.data
        _forget_foreign_lock(data)
        said = ""
        for _ in range(3):
            port = self.home.port("postgres.port")
            options = ["--log", str(self.folder.log), "--options", f"-p {port}", "--wait", "--timeout", str(START_SECONDS)]
            begins = self.folder.log.stat().st_size
            if self._run("pg_ctl", "start", "--pgdata", str(data), *options).returncode == 0:
                return
            said = self.folder.log.read_bytes()[begins:].decode(errors="replace")
            if "could not create any TCP/IP sockets" not in said:
                break
        raise ConfigError(f"PostgreSQL did not start ({_reason(said)}); its log is {self.folder.log}.", reason="postgres_does_not_start")

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        # Output goes to a file, not a pipe: the server that pg_ctl leaves behind would hold a pipe open for ever.
        account = self.folder.account
        said = self.folder.path / f"{program}.out"
        with said.open("w+") as out:
            done = subprocess.run(
                [self.folder.program(program), *arguments],
                cwd=self.folder.path,
                env={"PATH": os.defpath, "HOME": str(self.folder.path), "LC_ALL": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                check=False,
                user=account and account.pw_uid,
                group=account and account.pw_gid,
                extra_groups=[] if account else None,
            )
            out.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, "", out.read())


def password_name(login: str) -> str:
    """The name under which the home keeps a login's password."""
    return "postgres.password" if login == USER else f"secrets/postgres.{login}"


def _check_data(data: Path) -> None:
    if not (data / "global" / "pg_control").exists() or not (data / "PG_VERSION").exists():
        raise ConfigError(
            f"{data} is not a whole PostgreSQL data folder; remove it, or put it back from a copy.", reason="postgres_data_damaged"
        )
    release = (data / "PG_VERSION").read_text().strip()
    if release != MAJOR:
        raise ConfigError(
            f"{data} was made by PostgreSQL {release} and this is {MAJOR}; dump it with the older egoetl, or remove it.",
            reason="postgres_data_of_another_release",
        )


def _serves(pid: int, data: Path) -> bool:
    """Whether a process is the server of a data folder, also of one that was moved while it ran."""
    arguments = arguments_of(pid)
    if not arguments or Path(arguments[0]).name != "postgres":
        return False
    return str(data) in arguments or process_folder(pid) == data


def _forget_foreign_lock(data: Path) -> None:
    """Remove a lock file for which PostgreSQL would refuse to start although its server is gone.

    It is empty, or its process id belongs to another process now, or to a dead one that nobody has reaped.
    """
    lock = data / "postmaster.pid"
    if not lock.exists():
        return
    lines = lock.read_text().splitlines()
    if lines and lines[0].isdigit() and process(int(lines[0])) is None:
        return  # PostgreSQL sees for itself that this one is gone
    memory = lines[6].split()[1] if len(lines) > 6 else ""
    if not wait_until(lambda: not _attached(memory), 10):
        raise TryAgainError(f"Sessions of a killed server still use {data}; try again in a while.", reason="postgres_sessions_left")
    lock.unlink()


def _attached(memory: str) -> bool:
    """Whether any process uses the server's shared memory segment, which its sessions hold longer than it lives."""
    table = Path("/proc/sysvipc/shm")
    if not table.exists():
        return False  # not Linux: PostgreSQL will see for itself
    segments = [line.split() for line in table.read_text().splitlines()]
    return any(segment[1] == memory and segment[6] != "0" for segment in segments)


def _reason(log: str) -> str:
    lines = [line.split("FATAL:", 1)[1].strip() for line in log.splitlines() if "FATAL:" in line]
    return lines[-1] if lines else "no reason given"
