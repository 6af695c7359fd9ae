"""What breaks at night: killed, frozen and doubled workers, a database that goes away, a segment that fails."""

import os
import random
import signal
import time
from functools import partial

import pytest

from egoetl.recipes.index import load

pytestmark = pytest.mark.slow

MOMENTS = 20
LEAST_INTERRUPTED = 15
DOUBLED = """
    SELECT stage, unit_id, count(*) FROM attempt WHERE state IN ('done', 'dropped') GROUP BY build_seq, stage, unit_id HAVING count(*) > 1
"""
FINISHED = "SELECT count(*) FROM build_unit WHERE state IN ('done', 'dropped')"

EGOAVU = load("egoavu")


@pytest.mark.timeout(1200)
def test_a_worker_killed_at_any_moment_leaves_nothing_half_done(installations, undisturbed, patiently) -> None:
    report, expected = undisturbed
    total = sum(counts["total"] for counts in report["counts"].values())
    interrupted = 0
    for seed in range(MOMENTS):
        installation = installations()
        draw = random.Random(seed)
        reached, delay = draw.randrange(total * 4 // 5), draw.uniform(0.0, 0.1)
        worker = installation.start("build", "run", *installation.order("night"))
        patiently(partial(_is_at, installation, reached), every=0.01)
        time.sleep(delay)
        os.killpg(worker.pid, signal.SIGKILL)
        worker.communicate()
        ((finished,),), ((state,),) = installation.rows(FINISHED), installation.rows("SELECT state::text FROM build")
        print(f"seed {seed}: killed {delay * 1000:.0f} ms after unit {reached}, {finished} of {total} units finished, build {state}")
        interrupted += state != "succeeded"
        again = installation.json("build", "run", *installation.order("night"))
        assert installation.published(again) == expected, f"seed {seed} published other bytes"
        assert installation.rows(DOUBLED) == [], f"seed {seed} doubled a result"
        assert again["computed"] == report["computed"]
    assert interrupted >= LEAST_INTERRUPTED, f"only {interrupted} of {MOMENTS} kills left work outstanding"


def _is_at(installation, reached: int) -> bool:
    """Whether the build has been planned and so many of its units are finished."""
    planned = installation.rows("SELECT 1 FROM build")
    return bool(planned) and installation.rows(FINISHED)[0][0] >= reached


def test_a_worker_frozen_past_its_lease_cannot_commit(installation, undisturbed, patiently) -> None:
    name = installation.json("build", "plan", *installation.order("night"))["build"]
    for stage in ("register", "split", "frames"):
        installation.run("stage", "run", "--build", name, "--stages", stage, "--shard", "0")
    captions = "SELECT count(*) FROM build_unit WHERE stage = 'caption' AND state = 'done'"
    command = ("stage", "run", "--build", name, "--stages", "caption", "--shard", "0")
    worker = installation.start(*command, EGOETL_LEASE_SECONDS="1.5", EGOETL_CONCURRENCY="1", EGOETL_COMMIT_SECONDS="0.001")
    patiently(lambda: installation.rows(captions)[0][0] >= 1)
    os.killpg(worker.pid, signal.SIGSTOP)
    time.sleep(2.5)
    before = installation.rows(captions)
    os.killpg(worker.pid, signal.SIGCONT)
    _, errors = worker.communicate(timeout=60)
    assert worker.returncode == 75, errors
    assert "lease" in errors.splitlines()[-1]
    assert installation.rows(captions) == before
    installation.run(*command)
    assert installation.rows("SELECT count(*) FROM build_unit WHERE stage = 'caption' AND state <> 'done'") == [(0,)]
    goes_on_as_if_nothing_had_happened(installation, undisturbed)


def test_two_workers_on_one_shard_commit_nothing_twice(installation, undisturbed) -> None:
    name = installation.json("build", "plan", *installation.order("night"))["build"]
    command = ("stage", "run", "--build", name, "--stages", "register,split,frames,caption,mcg,av_narration", "--shard", "0")
    workers = [installation.start(*command) for _ in range(2)]
    for worker in workers:
        _, errors = worker.communicate(timeout=120)
        assert worker.returncode == 0, errors
    assert installation.rows(DOUBLED) == []
    assert installation.rows("SELECT stage FROM attempt GROUP BY stage, unit_id HAVING count(*) <> 1") == []
    goes_on_as_if_nothing_had_happened(installation, undisturbed)


def goes_on_as_if_nothing_had_happened(installation, undisturbed) -> None:
    """The rest of the build: it publishes what a build that nothing disturbed does, and has made nothing twice."""
    report, expected = undisturbed
    again = installation.json("build", "run", *installation.order("night"))
    assert installation.published(again) == expected
    assert again["computed"] == report["computed"]
    assert installation.rows(DOUBLED) == []


def test_a_database_that_is_away_for_20_seconds_is_waited_for(own_server, patiently) -> None:
    installation = own_server.installation
    worker = installation.start("build", "run", *installation.order("night"))
    patiently(lambda: installation.rows("SELECT 1 FROM build_unit WHERE stage = 'caption' AND state = 'done'"))
    own_server.postgres.stop()
    time.sleep(20)
    assert worker.poll() is None, worker.communicate()
    own_server.postgres.start()
    _, errors = worker.communicate(timeout=120)
    assert worker.returncode == 0, errors
    assert "answers again" in errors
    assert installation.rows(DOUBLED) == []


def test_a_failing_segment_blocks_its_clip_alone_and_a_retry_mends_it(installation, undisturbed, run_with_bad_reply) -> None:
    report, expected = undisturbed
    failed_segment = run_with_bad_reply(installation, "night", "caption.sound_description")
    shown = installation.json("build", "show", "night")
    assert shown["state"] == "failed"
    assert shown["version_state"] == "candidate"
    assert [(each["stage"], each["unit_id"], each["reason"]) for each in shown["failures"]] == [
        ("caption", failed_segment, "reply_off_schema")
    ]
    clip = failed_segment.split(".")[0]
    # The clip is not asked about at all: how varied its narrations are is not known before all of them are there.
    blocked = installation.rows("SELECT stage, unit_id FROM build_unit WHERE state = 'blocked' ORDER BY stage, unit_id")
    asked = [stage for stage in EGOAVU.stages if stage.name.startswith("qa_") and not EGOAVU.params_of(stage).off]
    of_clip = {("diversity", clip), *((stage.name, clip) for stage in asked if stage.unit == "clip")}
    segments = installation.rows("SELECT segment_id FROM segment WHERE clip_id = %s", clip)
    assert set(blocked) == of_clip | {("av_narration", failed_segment), ("mcg", failed_segment)} | {
        (stage.name, segment) for stage in asked if stage.unit == "segment" for (segment,) in segments
    }
    verified = dict(installation.rows("SELECT state::text, array_agg(DISTINCT clip_id) FROM build_unit WHERE stage = 'verify' GROUP BY 1"))
    assert verified.keys() == {"done"}
    assert verified["done"]
    assert clip not in verified["done"]

    mended = installation.json("build", "retry", "night")
    assert mended["state"] == "succeeded"
    assert mended["version_state"] == "published"
    assert mended["failures"] == []
    assert installation.published(mended) == expected
    assert all(counts["total"] == counts["done"] + counts["dropped"] for counts in mended["counts"].values())
    assert mended["counts"].keys() == report["counts"].keys()
