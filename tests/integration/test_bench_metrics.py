"""bench/metrics.py on small inputs: it runs, and ours is what the references say. Its ratios are for a quiet machine."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

BENCH = Path(__file__).parents[2] / "bench"
PARTS = sorted(file.stem.removeprefix("metric_") for file in BENCH.glob("metric_*.py"))
NEEDS = {"meteor": pytest.mark.needs("java")}


@pytest.mark.parametrize("part", [pytest.param(part, marks=NEEDS.get(part, ())) for part in PARTS])
def test_a_part_is_measured_and_equal_to_its_reference(part: str) -> None:
    """A part that is not equal to its reference ends without a row; one that counts what is equal says so in a row."""
    command = [sys.executable, BENCH / "metrics.py", "--quick", "--only", part, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)["rows"]
    assert min(row["ours"] for row in rows) > 0
    assert [row for row in rows if "equal" in row["name"] and row["ours"] != row["anchor"]] == []


def test_no_part_is_lost() -> None:
    assert {"masks", "retrieval", "rouge"} <= set(PARTS)
