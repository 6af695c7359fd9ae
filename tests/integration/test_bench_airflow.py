"""What the tasks of bench/airflow.py run: the recipe, the engine and the notes of CPU hold, without an Airflow around them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from egoetl.testing.installation import Installation

pytestmark = pytest.mark.slow

BENCH = Path(__file__).parents[2] / "bench"
STAGES = ("register", "split", "frames", "caption", "mcg", "av_narration")


def test_a_build_of_the_bench_computes_every_unit_and_notes_each_stage(tiny: Installation, tmp_path: Path) -> None:
    manifest, notes = tmp_path / "manifest.csv", tmp_path / "commands.txt"
    manifest.write_text("id,start_time,end_time,split\nfirst,0,360,train\nsecond,0,10,train\n", encoding="utf-8")

    def command(*arguments: str) -> None:
        environment = {**os.environ, **tiny.environment, "BENCH_COMMANDS": str(notes), "PYTHONPATH": str(BENCH)}
        run = [sys.executable, "-c", "from airflow_command import run; run()", *arguments]
        subprocess.run(run, env=environment, check=True, stdout=subprocess.DEVNULL)

    command("build", "plan", "overhead", "--manifest", str(manifest), "--videos", str(tmp_path), "--name", "night")
    command("stage", "run", "--build", "night", "--shard", "0", "--stages", ",".join(STAGES))
    command("stage", "run", "--build", "night", "--stages", "publish,gate")
    counts = {stage: (done, computed) for stage, done, computed in tiny.rows("SELECT stage, done, computed FROM build_progress")}
    assert counts == {stage: (2, 2) if stage in STAGES[:3] else (37, 37) for stage in STAGES}
    noted = [[float(seconds) for seconds in line.split()] for line in notes.read_text(encoding="utf-8").splitlines()]
    assert len(noted) == len(STAGES)
    assert all(start > 0 and work > 0 for start, work in noted)
