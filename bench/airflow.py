#!/usr/bin/env python3
"""What Airflow costs: a build of 10,000 segments with an engine that answers at once, through the embedded installation.

The DAG is made by the factory that makes `build_egoavu`, with the default number of clips in a shard: one mapped group a shard, a
task a stage. The anchor is one task per segment and stage: 200 such tasks, measured as a build through the same Airflow whose
shards have one clip of one segment, times the units of the large build.

Counted is CPU, user and system, of all components of Airflow, of its tasks' processes and of the commands that these start, until
a stage begins; on both sides what happens within stages is taken out. The database server is not counted on either side. It makes
an installation of its own below `--folder` and removes it.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from airflow_cpu import Cpu, used
from overhead_build import RECIPE, SEGMENT_MS, SEGMENTS_OF_A_CLIP
from ratio_table import Row, report

from egoetl.lineage.migrate import upgrade
from egoetl.lineage.open import open_ledger
from egoetl.lineage.reports import Reports
from egoetl.local.airflow import Airflow
from egoetl.local.home import Home
from egoetl.local.postgres import Postgres
from egoetl.local.processes import Services, wait_until

HERE = Path(__file__).resolve().parent
DAG = f"build_{RECIPE.name}"
AROUND = 3
"""Tasks around the shards: plan, publish, gate."""
PATIENCE_SECONDS = 3600
SETTLE_SECONDS = 5
GOAL = 1 / 50


@dataclass(frozen=True)
class Ran:
    """A build through Airflow: its task instances, the units of its stages, and what it used."""

    tasks: int
    units: int
    cpu: Cpu


def measure(arguments: argparse.Namespace) -> Sequence[Row]:
    """CPU of orchestrating a build by shards, against one task per segment and stage."""
    clips = -(-arguments.segments // SEGMENTS_OF_A_CLIP)
    single = -(-arguments.sample // len(RECIPE.stages))
    with tempfile.TemporaryDirectory(dir=arguments.folder, prefix="egoetl-airflow-") as name, started(Path(name)) as bench:
        ours = bench.run("shards", clips, SEGMENTS_OF_A_CLIP, RECIPE.clips_per_shard)
        theirs = bench.run("single", single, 1, 1)
    times = (ours.units + AROUND) / theirs.tasks
    anchor = f"one task per segment and stage ({ours.units + AROUND:,}, from {theirs.tasks})"
    return [
        Row("orchestration", ours.cpu.orchestration, theirs.cpu.orchestration * times, "CPU s", anchor, GOAL),
        Row("Airflow and its tasks' processes", ours.cpu.airflow, theirs.cpu.airflow * times, "CPU s", anchor, GOAL),
        Row("with the stages' work", ours.cpu.everything, theirs.cpu.orchestration * times, "CPU s", f"{anchor}, without its work", GOAL),
        Row("orchestration", ours.cpu.orchestration, theirs.cpu.airflow * times, "CPU s", f"{anchor}, had they no command to start", GOAL),
    ]


@dataclass(frozen=True)
class Bench:
    """A running Airflow with the bench's DAG."""

    airflow: Airflow
    folder: Path
    commands: Path

    def run(self, name: str, clips: int, segments: int, clips_per_shard: int) -> Ran:
        """Run a build of that many clips to its end."""
        manifest = self.folder / f"{name}.csv"
        lines = [f"{name}{clip},0,{segments * SEGMENT_MS // 1000},train" for clip in range(clips)]
        manifest.write_text("\n".join(["id,start_time,end_time,split", *lines]) + "\n", encoding="utf-8")
        api, before, begun = self.airflow.api(), used(self.airflow.services, self.commands), time.monotonic()
        conf = {"manifest": str(manifest), "videos": str(self.folder), "clips_per_shard": clips_per_shard}
        run_id = api.trigger(DAG, conf, run_id=name)
        wait_until(lambda: api.run(DAG, run_id)["state"] in ("success", "failed"), PATIENCE_SECONDS, pause=5)
        wall = time.monotonic() - begun
        if (state := api.run(DAG, run_id)["state"]) != "success":
            sys.exit(f"The run {name} ended as {state}, so there is nothing to measure.")
        time.sleep(SETTLE_SECONDS)  # until the last tasks' processes have been waited for
        made = Ran(self._tasks(run_id), self._units(name, clips, segments), used(self.airflow.services, self.commands) - before)
        _tell(name, made, wall)
        return made

    def _tasks(self, run_id: str) -> int:
        """How many task instances a run had. Ends the program if one was tried twice."""
        question = f"SELECT count(*), max(try_number) FROM task_instance WHERE run_id = '{run_id}'"  # noqa: S608 - a name of our own
        said = self.airflow.postgres.sql("airflow", question)
        tasks, tries = said.strip().split("|")
        if tries.strip() != "1":
            sys.exit(f"A task of run {run_id} was tried {tries} times, so it measures something else.")
        return int(tasks)

    def _units(self, name: str, clips: int, segments: int) -> int:
        """The units of all stages, each of which must have been computed."""
        ledger = open_ledger(self.airflow.postgres.url("egoetl"), patience_seconds=30)
        funnel = Reports(ledger).funnel(ledger.build(f"{RECIPE.name}-{name}").seq)
        ledger.close()
        for stage in funnel:
            due = clips * (1 if stage["stage"] in ("register", "split", "frames") else segments)
            if (stage["total"], stage["done"], stage["computed"]) != (due, due, due):
                sys.exit(f"{stage['stage']} has {stage} instead of {due} computed units, so there is nothing to measure.")
        return sum(stage["total"] for stage in funnel)


@contextmanager
def started(folder: Path) -> Iterator[Bench]:
    """The embedded installation, as `egoetl local up` makes it, with the bench's DAG and command."""
    home, project, commands = Home.at(folder / "home"), _project(folder), folder / "commands.txt"
    commands.touch()
    postgres = Postgres(home)
    try:
        postgres.start()
        upgrade(postgres.url("egoetl"))
        airflow = Airflow(home, postgres, Services(home), project, {**_settings(folder, postgres), "BENCH_COMMANDS": str(commands)})
        airflow.prepare()
        airflow.migrate()
        airflow.start()
        airflow.wait_until_healthy()
        airflow.wait_for_dag(DAG)
        airflow.api().unpause(DAG)
        yield Bench(airflow, folder, commands)
    finally:
        Services(home).stop_all()
        postgres.remove()


def _project(folder: Path) -> Path:
    """What Airflow takes for a checkout: the bench's DAGs and our plugins."""
    project = folder / "project"
    project.mkdir()
    (project / "dags").symlink_to(HERE / "airflow_dags")
    (project / "plugins").symlink_to(HERE.parent / "plugins")
    return project


def _settings(folder: Path, postgres: Postgres) -> dict[str, str]:
    command = folder / "egoetl"
    command.write_text(f"#!{sys.executable}\nimport sys\nsys.path.append({str(HERE)!r})\nfrom airflow_command import run\nrun()\n")
    command.chmod(0o755)
    return {
        "EGOETL_DATABASE_URL": postgres.url("egoetl"),
        "EGOETL_STORE_URL": (folder / "store").as_uri(),
        "EGOETL_EXECUTION": "local",
        "EGOETL_HOME": str(folder / "home"),
        "BENCH_EGOETL": str(command),
    }


def _tell(name: str, made: Ran, wall: float) -> None:
    cpu, tasks = made.cpu, made.tasks
    a_task = f"Airflow {cpu.airflow / tasks:.3f}, start of the command {cpu.starts / tasks:.3f}, stage {cpu.work / tasks:.3f}"
    print(f"{name}: {made.units} units in {tasks} tasks, {wall:.0f} s; CPU s a task: {a_task}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=measure.__doc__)
    parser.add_argument("--segments", type=int, default=10_000, help="segments of the build by shards")
    parser.add_argument("--sample", type=int, default=200, help="tasks that the anchor is extrapolated from")
    parser.add_argument("--folder", type=Path, default=Path("/var/tmp"), help="where the installation is made")  # noqa: S108 - a folder in it
    report("airflow", measure, parser)
