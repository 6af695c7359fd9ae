"""Which process this is, and whether another one is gone."""

import os
import socket
import sys
from pathlib import Path

from egoetl.core.ledger import AirflowTry
from egoetl.core.records import Record

_DEAD = frozenset("ZX")
_NAME_BYTES = 63


class Process(Record):
    """A process on some machine. Its number means something only within `machine`."""

    host: str
    machine: str
    """Boot id and process namespace: containers of one host share the first, not the second."""
    pid: int
    pid_started: int
    """A time, in units of the machine's own, that tells a process from a later one of the same number."""

    def is_gone(self) -> bool:
        """Whether it ran on this machine and has ended; False when that cannot be known from here."""
        return self.machine == _machine() and _started(self.pid) != self.pid_started


def this_process() -> Process:
    """The process that asks."""
    pid = os.getpid()
    return Process(host=socket.gethostname(), machine=_machine(), pid=pid, pid_started=_started(pid) or 0)


def command() -> str:
    """The command line's verb, `stage run`; options stay out, they may hold addresses."""
    words: list[str] = []
    for word in sys.argv[1:3]:
        if word.startswith("-"):
            break
        words.append(word)
    return " ".join(words) or Path(sys.argv[0]).stem


def application_name(airflow: AirflowTry | None) -> str:
    """What a database administrator sees, in the 63 bytes that PostgreSQL keeps: of an Airflow task its id, map index and try whole.

    A DAG's id and a run's id are cut where they must be: the run's from the left, for runs differ at their ends.
    """
    if airflow is None:
        return _cut(f"egoetl {command()}", _NAME_BYTES)
    place = "" if airflow.map_index < 0 else f"[{airflow.map_index}]"
    task = f"/{_cut(airflow.task_id.rpartition('.')[2], 24)}{place}#{airflow.try_number}"
    dag = f"egoetl {_cut(airflow.dag_id, 18)}/"
    run = airflow.run_id.encode("ascii", "replace").decode()
    room = _NAME_BYTES - len(dag) - len(task)
    return f"{dag}{run if len(run) <= room else run[-room:]}{task}"


def _cut(name: str, most: int) -> str:
    """A name in ASCII, which is what PostgreSQL keeps of it, of so many bytes at most."""
    whole = name.encode("ascii", "replace").decode()
    return whole if len(whole) <= most else f"{whole[: most - 1]}~"


def _machine() -> str:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}/{Path('/proc/self/ns/pid').stat().st_ino}"
    except FileNotFoundError:  # not Linux: no containers of one host to tell apart
        import psutil

        return f"{socket.gethostname()}/{psutil.boot_time():.0f}"


def _started(pid: int) -> int | None:
    """When a process of this machine started, or None if there is none that lives."""
    if not Path("/proc/self/stat").exists():
        return _started_elsewhere(pid)
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The command's name may hold spaces and brackets; the fields after its last bracket do not.
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in _DEAD else int(fields[19])


def _started_elsewhere(pid: int) -> int | None:
    """The same without /proc, in milliseconds. Not used on Linux, where psutil's boot time may shift by a second."""
    import psutil

    try:
        process = psutil.Process(pid)
        return None if process.status() in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD) else round(process.create_time() * 1000)
    except psutil.NoSuchProcess:
        return None
