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

import psutil

from egoetl.core.errors import TryAgainError
from egoetl.local.home import Home

MARK = "EGOETL_LOCAL_HOME"
_GONE = (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
_CLOCK_SLACK_SECONDS = 2.0


@dataclass(frozen=True)
class Service:
    """A program that keeps running, with its whole environment."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]


@dataclass(frozen=True)
class Process:
    """What the kernel says of one process. `started` is in seconds since the epoch."""

    pid: int
    gone: bool
    """Ended, though perhaps nobody has asked for its exit status yet."""
    session: int
    started: float

    def began(self, at: float) -> bool:
        """Whether this is the process that started then; the clock may have been set a little since."""
        return abs(self.started - at) < _CLOCK_SLACK_SECONDS


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
        pid, started = remembered.split()
        found = process(int(pid))
        return found.pid if found and not found.gone and found.began(float(started)) else None

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
        seen: list[Process] = []
        for among, sent, patience in rounds:
            seen.extend(family(self.alive()))
            for pid in among():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, sent)
            wait_until(lambda among=among: not among(), patience)
            if not self.alive():
                # One that is ending has no environment any more, but is still there for a moment.
                wait_until(lambda: all(map(has_ended, seen)), patience)
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
        mark = str(self.home.root)
        return [
            each.pid
            for each in processes()
            if each.pid not in own and not each.gone and (each.session in sessions or _environment_of(each.pid).get(MARK) == mark)
        ]

    def _reap(self) -> None:
        for child in self._children:
            child.poll()

    def _known(self) -> list[str]:
        folder = self.home.root / "services"
        return [file.name for file in folder.iterdir() if not file.name.startswith(".")] if folder.is_dir() else []


def processes() -> Iterable[Process]:
    """Every process of this machine that can be seen."""
    return (found for pid in psutil.pids() if (found := process(pid)))


def process(pid: int) -> Process | None:
    """One process, or None if there is none of that id."""
    try:
        found = psutil.Process(pid)
        return Process(pid, gone=found.status() in _GONE, session=os.getsid(pid), started=found.create_time())
    except (psutil.NoSuchProcess, ProcessLookupError, PermissionError):
        return None


def family(pids: Iterable[int]) -> list[Process]:
    """These processes and their descendants, as far as they live."""
    members = set(pids)
    for pid in tuple(members):
        with contextlib.suppress(psutil.Error):
            members.update(each.pid for each in psutil.Process(pid).children(recursive=True))
    return [found for pid in sorted(members) if (found := process(pid))]


def has_ended(known: Process) -> bool:
    """Whether a process that was seen is no more; another one may have its id by now."""
    found = process(known.pid)
    return found is None or found.gone or not found.began(known.started)


def arguments_of(pid: int) -> list[str]:
    """The command line of a process, empty if it is gone."""
    try:
        return psutil.Process(pid).cmdline()
    except psutil.Error:
        return []


def process_folder(pid: int) -> Path | None:
    """The working folder of a process, or None where that cannot be known."""
    try:
        return Path(psutil.Process(pid).cwd())
    except psutil.Error:
        return None


def wait_until(done: Callable[[], bool], seconds: float, *, pause: float = 0.1) -> bool:
    """Ask until it is so or the time is up; whether it is so."""
    deadline = time.monotonic() + seconds
    while not (so := done()) and time.monotonic() < deadline:
        time.sleep(pause)
    return so


def _environment_of(pid: int) -> dict[str, str]:
    try:
        return psutil.Process(pid).environ()
    except psutil.Error:
        return {}


def _ancestors() -> Iterable[int]:
    this = psutil.Process()
    return (each.pid for each in (this, *this.parents()))
