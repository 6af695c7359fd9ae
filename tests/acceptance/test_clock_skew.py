"""Workers whose clocks are two hours apart: only the database's clock counts, for leases, claims and what is published."""

import subprocess
from collections.abc import Callable

import pytest

from egoetl.recipes.index import load
from egoetl.testing.installation import EGOETL, Footage, Installation

pytestmark = [pytest.mark.slow, pytest.mark.needs("faketime")]
STAGES = ",".join(stage.name for stage in load("egoavu").stages)
DOUBLED = "SELECT stage, unit_id FROM attempt GROUP BY stage, unit_id HAVING count(*) <> 1"
OFF = "SELECT stage, unit_id, ended_at FROM attempt WHERE ended_at NOT BETWEEN now() - interval '30 minutes' AND now()"


def skewed(installation: Installation, by: str, shard: int) -> "subprocess.Popen[str]":
    """A worker of all stages on one shard, whose clock is off by so much."""
    command = ["faketime", "-m", "-f", by, str(EGOETL), "stage", "run", "--build", "night", "--stages", STAGES, "--shard", str(shard)]
    return subprocess.Popen(command, env=installation.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_workers_two_hours_apart_share_a_build(installations: Callable[[], Installation], tiny_footage: Footage) -> None:
    quiet, installation = installations(), installations()
    quiet.footage = installation.footage = tiny_footage
    order = (*quiet.order("night"), "--set", "clips_per_shard=1")
    expected = quiet.published(quiet.json("build", "run", *order))
    installation.run("build", "plan", *order)
    # Two of them want the same shard: the second waits for the lease, which its own clock says ran out an hour ago.
    workers = [skewed(installation, by, shard) for by, shard in (("-1h", 0), ("+1h", 0), ("+1h", 1))]
    for worker in workers:
        _, errors = worker.communicate(timeout=300)
        assert worker.returncode == 0, errors
    assert installation.rows(DOUBLED) == []
    assert installation.rows(OFF) == []
    assert installation.published(installation.json("build", "run", *order)) == expected
