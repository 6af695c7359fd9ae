"""Two builds at once, in processes of their own, over manifests that overlap; and a build that somebody cancels."""

import os
import signal
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from egoetl.media.encode import write_video
from egoetl.testing.installation import Footage, Installation
from egoetl.testing.videos import SIZE, numbered, tones

pytestmark = pytest.mark.slow

DOUBLED = "SELECT key FROM build_unit WHERE computed AND state IN ('done', 'dropped') GROUP BY key HAVING count(*) > 1"
ATTEMPTS = "SELECT count(*) FROM attempt WHERE state IN ('done', 'dropped')"
RESULTS = "SELECT count(*) FROM result"
UNFINISHED = "SELECT count(*) FROM build_unit WHERE state NOT IN ('done', 'dropped')"
LOST = """
    SELECT stage, unit_id FROM build_unit AS unit WHERE state = 'done' AND NOT EXISTS (SELECT FROM result WHERE result.key = unit.key)
"""
SECONDS = (11, 4, 5, 6, 7, 12)


@pytest.fixture(scope="module")
def six_videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Videos v0 to v5 of a few seconds each, no two alike."""
    folder = tmp_path_factory.mktemp("six")
    for number, seconds in enumerate(SECONDS):
        sound = tones(seconds, 16_000, 1)
        write_video(folder / f"v{number}.mp4", numbered(seconds * 10), size=SIZE, rate=Fraction(10), sound=sound, sound_rate=16_000)
    return folder


@pytest.fixture
def six(database_url: str, tmp_path: Path, six_videos: Path) -> Installation:
    return Installation(database_url, tmp_path / "store", Footage(six_videos))


def order(installation: Installation, tmp_path: Path, name: str, *videos: int) -> list[str]:
    """A build over these videos, in this order, in shards of two clips."""
    file = tmp_path / f"{name}.csv"
    lines = [f"v{number},0,{SECONDS[number]},train\n" for number in videos]
    file.write_text("id,start_time,end_time,split\n" + "".join(lines), encoding="utf-8")
    folder = str(installation.footage.folder)
    return ["egoavu", "--manifest", str(file), "--videos", folder, "--name", name, "--set", "clips_per_shard=2"]


def computed_once(installation: Installation) -> None:
    """No result was computed twice, none lies about, and nothing points to nowhere."""
    assert installation.rows(DOUBLED) == []
    assert installation.rows(ATTEMPTS) == installation.rows(RESULTS)
    assert installation.rows(LOST) == []
    assert installation.rows("SELECT count(*) FROM key_claim") == [(0,)]


def test_overlapping_builds_at_once_compute_each_result_once(six: Installation, tmp_path: Path) -> None:
    orders = order(six, tmp_path, "monday", 0, 1, 2, 3), order(six, tmp_path, "tuesday", 4, 3, 2, 1, 0, 5)
    workers = [six.start("build", "run", *each, "--json") for each in orders]
    for worker in workers:
        _, errors = worker.communicate(timeout=240)
        assert worker.returncode == 0, errors
    computed_once(six)
    assert six.rows(UNFINISHED) == [(0,)]
    computed = {row[0] for row in six.rows("SELECT DISTINCT build_seq FROM build_unit WHERE computed")}
    assert len(computed) == 2, "one build came too late to share the work"
    reports = [six.json("build", "show", name) for name in ("monday", "tuesday")]
    assert [(each["state"], each["failures"]) for each in reports] == [("succeeded", [])] * 2
    whole = six.json("build", "run", *order(six, tmp_path, "wednesday", *range(6)))
    assert whole["computed"] == 0
    assert whole["version_path"] in [each["version_path"] for each in reports], "the later of the two holds the work of both"


def test_a_build_that_is_killed_leaves_its_work_to_the_other(six: Installation, tmp_path: Path, patiently: Any) -> None:
    monday, tuesday = order(six, tmp_path, "monday", 0, 1, 2), order(six, tmp_path, "tuesday", 2, 1, 0)
    slow = six.start("build", "run", *monday, EGOETL_CONCURRENCY="1", EGOETL_LEASE_SECONDS="600")
    patiently(lambda: six.rows("SELECT 1 FROM key_claim WHERE stage = 'frames'"), every=0.005)
    os.killpg(slow.pid, signal.SIGSTOP)
    other = six.start("build", "run", *tuesday, "--json")
    patiently(lambda: six.rows("SELECT 1 FROM build_unit JOIN build ON seq = build_seq WHERE name = 'tuesday' AND stage = 'split'"))
    time.sleep(1)
    assert other.poll() is None, "it did not wait"
    os.killpg(slow.pid, signal.SIGKILL)
    slow.communicate()
    _, errors = other.communicate(timeout=120)
    assert other.returncode == 0, errors
    assert "waiting" in errors
    six.run("build", "run", *monday)
    computed_once(six)


def test_a_build_is_cancelled_from_another_process_and_goes_on_later(six: Installation, tmp_path: Path, patiently: Any) -> None:
    monday = order(six, tmp_path, "monday", *range(6))
    worker = six.start("build", "run", *monday, EGOETL_CONCURRENCY="1")
    patiently(lambda: six.rows("SELECT 1 FROM build_unit WHERE stage = 'caption' AND state = 'done'"), every=0.005)
    started = time.monotonic()
    cancelled = six.json("build", "cancel", "monday")
    out, errors = worker.communicate(timeout=30)
    assert time.monotonic() - started < 15
    assert worker.returncode == 79, errors
    assert errors.splitlines()[-1].startswith("egoetl: Build monday was cancelled; what was finished is kept")
    assert "monday: cancelled" in out
    assert cancelled["workers"] == []
    assert cancelled["pending"] > 0
    computed_once(six)
    assert six.json("build", "show", "monday")["state"] == "cancelled"
    assert six.json("build", "failed", "monday") == {
        "build": "monday",
        "state": "cancelled",
        "pending": cancelled["pending"],
        "failures": [],
    }
    assert "cancelled already" in six.run("build", "cancel", "monday", code=64).stderr
    assert six.run("stage", "run", "--build", "monday", "--stages", "split", "--shard", "0", code=79).stdout == ""
    report = six.json("build", "retry", "monday")
    assert (report["state"], report["version_state"]) == ("succeeded", "published")
    computed_once(six)
    assert "has ended already" in six.run("build", "cancel", "monday", code=64).stderr
