"""The demo, as a newcomer runs it: twice, with the queries that it prints, and then away."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from egoetl.local.demo import Demo
from egoetl.local.home import Home
from egoetl.local.installation import Installation
from egoetl.qa.index import TASKS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
EGOETL = str(Path(sys.executable).with_name("egoetl"))
TYPES = ("Action-Action", "Action-Object", "Action-Sound")


@pytest.fixture
def installation(home: Home) -> Iterator[Installation]:
    installation = Installation(home)
    yield installation
    installation.remove()


def run_demo(home: Home, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "EGOETL_HOME": str(home.root), "COLUMNS": "80"}
    return subprocess.run([EGOETL, "local", "demo", *arguments], env=environment, capture_output=True, text=True, check=False)


def test_the_demo_builds_a_dataset_and_a_second_one_computes_nothing(installation: Installation) -> None:
    first = run_demo(installation.home)
    assert first.returncode == 0, first.stderr
    assert re.search(r"^computed [1-9]\d*, reused 0$", first.stdout, re.MULTILINE)
    for task in TASKS:
        assert int(re.search(rf"^{task} +(\d+)$", first.stdout, re.MULTILINE)[1]) >= 8
    for kind in TYPES:
        assert re.search(rf"^{kind} +[1-9]\d* +[1-9]\d*$", first.stdout, re.MULTILINE)
    version = version_of(first.stdout)
    assert (version / "README.md").is_file()
    check_queries(first.stdout)

    second = run_demo(installation.home)
    assert second.returncode == 0, second.stderr
    assert "Nothing was computed again: computed 0" in second.stdout
    assert version_of(second.stdout) == version


def version_of(closing: str) -> Path:
    """The folder of the published version that a demo names."""
    found = re.search(r"^version \(published\): file://(.+)$", closing, re.MULTILINE)
    assert found, closing
    return Path(found[1])


def check_queries(closing: str) -> None:
    """Paste each of the three into a shell."""
    commands = re.findall(r"^ +(\S*psql -c .+)$", closing, re.MULTILINE)
    assert len(commands) == 3
    for command in commands:
        done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "(0 rows)" not in done.stdout


def test_a_run_that_fails_names_task_reason_and_log(installation: Installation) -> None:
    home = installation.home
    first = run_demo(home, "--limit", "1")
    assert first.returncode == 0, first.stderr
    demo = Demo(installation)
    run = demo.api.trigger("build_egoavu", {"manifest": str(home.root / "missing.csv"), "videos": str(home.root)}, run_id="demo-broken")
    failed = run_demo(home)
    assert failed.returncode == 65
    assert f"Run {run} failed" in failed.stderr
    assert "Task plan failed: " in failed.stderr
    log = re.search(r"^ +log: (.+)$", failed.stderr, re.MULTILINE)
    assert log
    assert Path(log[1]).is_file()
