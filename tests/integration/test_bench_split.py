"""bench/split.py on a short video: it runs, and what it verifies holds. Its ratios are for a quiet machine."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

BENCH = Path(__file__).parents[2] / "bench" / "split.py"


def test_pictures_and_sound_are_those_of_a_full_decode(tmp_path: Path) -> None:
    command = [sys.executable, BENCH, "--seconds", "20", "--repeats", "1", "--json"]
    ended = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env={"TMPDIR": str(tmp_path), "PATH": ""})
    rows = {row["name"]: row for row in json.loads(ended.stdout)["rows"]}
    assert (rows["pictures that are identical"]["ours"], rows["pictures that are identical"]["anchor"]) == (600, 600)
    assert (rows["samples within one step"]["ours"], rows["samples within one step"]["anchor"]) == (320_000, 320_000)
