"""CPU of an Airflow and of everything that its tasks have run, and what of it the stages' own work was."""

from dataclasses import dataclass
from pathlib import Path

import psutil

from egoetl.local.processes import Services


@dataclass(frozen=True)
class Cpu:
    """CPU seconds, user and system. `everything` holds the other two."""

    everything: float
    """All four components of Airflow, the processes of its tasks, and the commands that these ran."""
    starts: float
    """Of the stages' commands: from the interpreter's first instruction until a stage begins."""
    work: float
    """Of the stages' commands: within the stage."""

    @property
    def airflow(self) -> float:
        """Without the stages' commands."""
        return self.everything - self.starts - self.work

    @property
    def orchestration(self) -> float:
        """All that is not the stages' work."""
        return self.everything - self.work

    def __sub__(self, before: "Cpu") -> "Cpu":
        return Cpu(self.everything - before.everything, self.starts - before.starts, self.work - before.work)


def used(services: Services, commands: Path) -> Cpu:
    """What was used until now. Ask while no task runs: a process is counted by whoever waited for it once it has ended."""
    lines = [line.split() for line in commands.read_text(encoding="utf-8").splitlines()]
    return Cpu(
        everything=sum(map(_with_ended_children, services.alive())),
        starts=sum(float(start) for start, _ in lines),
        work=sum(float(work) for _, work in lines),
    )


def _with_ended_children(pid: int) -> float:
    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return times.user + times.system + times.children_user + times.children_system
