"""bench/metrics.py on small inputs: it runs, and ours is what the references say. Its ratios are for a quiet machine."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

BENCH = Path(__file__).parents[2] / "bench"
PARTS = sorted(file.stem.removeprefix("metric_") for file in BENCH.glob("metric_*.py"))


def test_every_part_is_measured_and_equal_to_its_reference() -> None:
    done = subprocess.run([sys.executable, BENCH / "metrics.py", "--quick", "--json"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)["rows"]
    assert {"masks", "retrieval"} <= set(PARTS)
    assert len(rows) >= len(PARTS)
    equal = [row for row in rows if row["name"].startswith(("J and F, equal", "AP and nDCG, equal"))]
    assert [(row["ours"] / row["anchor"], row["met"]) for row in equal] == [(1.0, True)] * 2
