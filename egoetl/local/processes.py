"""Services of this machine: each in a session of its own, known by pid and start time, and none left behind.

Every process started here carries the home's path in its environment, and so do its descendants, whatever
groups or sessions they make. So `stop_all` finds them even when a supervisor was killed before it wrote a pid.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from egoetl.core.errors import TryAgainError
from egoetl.local.home import Home

MARK = "EGOETL_LOCAL_HOME"


@dataclass(frozen=True)
class Service:
    """A program that keeps running, with its whole environment."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]


@dataclass(frozen=True)
class Process:
    """What the kernel says of one process."""

    pid: int
    state: str
    session: int
    started: int

    @property
    def gone(self) -> bool:
        """Ended, though perhaps nobody has asked for its exit status yet."""
        return self.state in "ZX"


@dataclass(frozen=True)
class Services:
    """The services of one home."""

    home: Home
    _children: list[subprocess.Popen[bytes]] = field(default_factory=list[subprocess.Popen[bytes]], repr=False)

    def pid(self, name: str) -> int | None:
        """The process id of a running service; a pid that now belongs to another process counts for nothing."""
        remembered = self.home.recall(f"services/{name}")
        if remembered is None:
            return None
        pid, started = (int(part) for part in remembered.split())
        found = process(pid)
        return pid if found and not found.gone and found.started == started else None

    def start(self, service: Service) -> int:
        """Start a service unless it runs; it outlives this process and its terminal. Returns its process id."""
        running = self.pid(service.name)
        if running is not None:
            return running
        with self.home.log(service.name).open("ab") as log:
            started = subprocess.Popen(
                service.command,
                cwd=self.home.root,
                env={**service.environment, **self.marks()},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._children.append(started)
        found = process(started.pid)
        self.home.remember(f"services/{service.name}", f"{started.pid} {found.started if found else 0}")
        return started.pid

    def marks(self) -> dict[str, str]:
        """Environment by which a process is found again. setproctitle would overwrite it without SPT_NOENV."""
        return {MARK: str(self.home.root), "SPT_NOENV": "1"}

    def stop_all(self) -> None:
        """End every process of the home. Raises TryAgainError if one cannot be ended.

        First the services alone are asked, as they end their own children best; then everything that is left, such
        as work that a service waits for; then nobody is asked.
        """
        rounds = ((self.leaders, signal.SIGTERM, 5.0), (self.alive, signal.SIGTERM, 6.0), (self.alive, signal.SIGKILL, 5.0))
        for among, sent, patience in rounds:
            for pid in among():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, sent)
            wait_until(lambda among=among: not among(), patience)
            if not self.alive():
                return self._reap()
        raise TryAgainError(f"Processes {self.alive()} do not end; look at them with ps.", reason="processes_do_not_end")

    def leaders(self) -> list[int]:
        """Process ids of the running services themselves."""
        return [pid for name in self._known() if (pid := self.pid(name))]

    def launched(self, name: str) -> float:
        """When a service was started, in seconds since the epoch."""
        return (self.home.root / "services" / name).stat().st_mtime

    def alive(self) -> list[int]:
        """Process ids of the home's services and their descendants, this process and its ancestors left out."""
        own = set(_ancestors())
        sessions = set(self.leaders())
        mark = os.fsencode(f"{MARK}={self.home.root}")
        return [
            each.pid
            for each in processes()
            if each.pid not in own and not each.gone and (each.session in sessions or mark in _environment_of(each.pid))
        ]

    def _reap(self) -> None:
        for child in self._children:
            child.poll()

    def _known(self) -> list[str]:
        folder = self.home.root / "services"
        return [file.name for file in folder.iterdir() if not file.name.startswith(".")] if folder.is_dir() else []


def processes() -> Iterable[Process]:
    """Every process of this machine that can be seen."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (found := process(int(entry.name))):
            yield found


def process(pid: int) -> Process | None:
    """One process, or None if there is none of that id."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return Process(pid, state=after_name[0], session=int(after_name[3]), started=int(after_name[19]))


def arguments_of(pid: int) -> list[str]:
    """The command line of a process, empty if it is gone."""
    return [os.fsdecode(part) for part in _read(pid, "cmdline")]


def wait_until(done: Callable[[], bool], seconds: float, *, pause: float = 0.1) -> bool:
    """Ask until it is so or the time is up; whether it is so."""
    deadline = time.monotonic() + seconds
    while not (so := done()) and time.monotonic() < deadline:
        time.sleep(pause)
    return so


def _environment_of(pid: int) -> list[bytes]:
    return _read(pid, "environ")


def _read(pid: int, name: str) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes().split(b"\0")[:-1]
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return []


def _ancestors() -> Iterable[int]:
    pid = os.getpid()
    while pid > 0:
        yield pid
        try:
            pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            return
