"""What goes wrong on a cluster, all of it in one build: each fault ends well, and the bytes are those of an undisturbed build.

Stages up to `mcg` wait in the triggerer, later ones in a worker's process. Faults that cost a new try hit the QA stages, which
run beside each other.
"""

import os
import signal
import time
from concurrent.futures import Future, wait
from dataclasses import dataclass
from typing import Any

import psutil
import pytest
from kubernetes_api.disturbed_run import DisturbedRun, patiently, playing
from kubernetes_api.pod_installation import DAG, PodInstallation
from kubernetes_api.published import published_on_s3

from egoetl.testing.installation import Footage
from egoetl.testing.s3_server import S3Server

pytestmark = [pytest.mark.slow, pytest.mark.needs("radosgw", "faketime"), pytest.mark.timeout(3600)]
AWAY_SECONDS = 30
# Within the quarter of an hour that S3 servers allow between a signature and their own clock.
SKEWED = {
    "qa_tr_before_after": {"command": ["faketime", "-f", "+10m", "egoetl"]},
    "qa_tr_event_ordering": {"command": ["faketime", "-f", "-10m", "egoetl"]},
}
DOUBLED = """
    SELECT attempt.stage, unit_id FROM attempt JOIN build ON build.seq = build_seq
    WHERE name = %s GROUP BY attempt.stage, unit_id HAVING count(*) <> 1
"""


def quota_full(run: DisturbedRun) -> None:
    with run.on.cluster.quota(pods="0"):
        run.comes_to("register", "deferred", "failed", "up_for_retry")
        assert run.state("register") == "deferred"
        assert run.asked_for("register") == []
    run.ends_well("register", attempt=1)
    assert "The quota of namespace default is full" in run.log("register", 1)


def unschedulable_for_a_while(run: DisturbedRun) -> None:
    with run.on.cluster.trouble("unschedulable", run.of("narrations")):
        patiently(lambda: any(pod["status"].get("conditions") for pod in run.pods("narrations")))
        run.comes_to("narrations", "deferred")
        time.sleep(5)
        assert run.state("narrations") == "deferred"
    run.ends_well("narrations", attempt=1)
    assert "Waiting for a node: 0/1 nodes are available" in run.log("narrations", 1)


def image_pull_failure(run: DisturbedRun) -> None:
    with run.on.cluster.trouble("registry_away", run.of("split")):
        # A question that is asked more than once.
        waiting = lambda pod: pod["status"].get("containerStatuses", [{}])[0].get("state", {}).get("waiting", {}).get("reason")  # noqa: E731
        patiently(lambda: any(waiting(pod) == "ImagePullBackOff" for pod in run.pods("split")))
        run.comes_to("split", "deferred")
        time.sleep(5)
    run.ends_well("split", attempt=1)
    assert "Waiting for its image: ImagePullBackOff" in run.log("split", 1)


def api_server_away(run: DisturbedRun) -> None:
    with run.first_pod("frames"), run.on.cluster.away():
        time.sleep(AWAY_SECONDS)
    run.ends_well("frames", attempt=1)
    assert len(run.asked_for("frames")) == 1
    assert "The Kubernetes API does not answer" in run.log("frames", 1)


def triggerer_killed(run: DisturbedRun) -> None:
    with run.first_pod("caption"):
        run.comes_to("caption", "deferred")
        triggerer = run.on.local.airflow.services.pid("airflow-triggerer")
        assert triggerer is not None
        os.killpg(triggerer, signal.SIGKILL)
        run.on.commands.run("local", "up")
    run.ends_well("caption", attempt=1)
    assert len(run.asked_for("caption")) == 1


def marked_failed_while_deferred(run: DisturbedRun) -> None:
    with run.first_pod("mcg"):
        patiently(lambda: run.is_deferred("mcg"))
        _mark_failed(run, "mcg")
        run.on.configure(deferrable=False, stages=SKEWED)
    _clear(run, "mcg")


def marked_failed_while_a_worker_waits(run: DisturbedRun) -> None:
    with run.first_pod("qa_avh_sound"):
        run.comes_to("qa_avh_sound", "running")
        _mark_failed(run, "qa_avh_sound")
    _clear(run, "qa_avh_sound")


def pod_evicted(run: DisturbedRun) -> None:
    with run.first_pod("qa_avdn") as pod:
        run.up_to_its_lease("qa_avdn", pod)
        run.on.cluster.evict(pod)
    run.ends_well("qa_avdn", attempt=2)
    assert "was evicted by its node" in run.log("qa_avdn", 1)
    (kept,) = run.pods("qa_avdn")
    assert (kept["metadata"]["name"], kept["status"]["reason"]) == (pod, "Evicted")


def killed_for_memory(run: DisturbedRun) -> None:
    with run.first_pod("qa_avsn") as pod:
        run.on.cluster.kill_for_memory(pod)
    run.ends_well("qa_avsn", attempt=2)
    assert "was killed for memory: its limit is 1Gi" in run.log("qa_avsn", 1)


def node_lost(run: DisturbedRun) -> None:
    with run.first_pod("qa_avh_action") as pod:
        run.on.cluster.lose_node(pod, seconds=5)
    run.ends_well("qa_avh_action", attempt=2)
    assert len(run.asked_for("qa_avh_action")) == 2


def worker_killed(run: DisturbedRun) -> None:
    task = "qa_avh_object"
    with run.first_pod(task):
        run.comes_to(task, "running")
        title = f"airflow worker -- {run.instance(task)['id']}"
        (runner,) = [each for each in psutil.process_iter(["cmdline"]) if title in " ".join(each.info["cmdline"] or [])]
        for process in (runner.parent(), runner):
            process.kill()
        run.comes_to(task, "up_for_retry")
        patiently(lambda: run.instance(task)["try_number"] == 2, every=1.0)
        run.comes_to(task, "running", "failed")
        patiently(lambda: "of an earlier try is still there; following it" in run.log(task, 2), every=1.0)
        assert len(run.asked_for(task)) == 1
    run.ends_well(task, attempt=2)
    assert len(run.asked_for(task)) == 1


def lease_lost_to_a_second_worker(run: DisturbedRun) -> None:
    with run.first_pod("qa_ssa") as pod:
        run.up_to_its_lease("qa_ssa", pod)
        run.on.commands.run("stage", "run", "--build", run.build, "--stages", "qa_ssa", "--shard", "0")
    run.ends_well("qa_ssa", attempt=None)
    # Frozen between taking its lease and looking at the shard, it finds that the other has done everything.
    log = run.log("qa_ssa", 1)
    assert "ran out or went to another worker; nothing was committed" in log or "(computed 0, reused 0, already 2, failed 0" in log
    assert run.on.commands.rows(DOUBLED, run.build) == []


def clock_ahead(run: DisturbedRun) -> None:
    _is_skewed(run, "qa_tr_before_after", "+10m")


def clock_behind(run: DisturbedRun) -> None:
    _is_skewed(run, "qa_tr_event_ordering", "-10m")


FAULTS = (
    quota_full, unschedulable_for_a_while, image_pull_failure, api_server_away, triggerer_killed, marked_failed_while_deferred,
    marked_failed_while_a_worker_waits, pod_evicted, killed_for_memory, node_lost, worker_killed, lease_lost_to_a_second_worker,
    clock_ahead, clock_behind,
)  # fmt: skip


@dataclass(frozen=True)
class Disturbed:
    """What became of each fault, what was published in the end, and what would have been without them."""

    outcomes: dict[str, Future[None]]
    states: dict[str, set[str]]
    published: dict[str, str]
    expected: dict[str, str]


@pytest.fixture(scope="module")
def disturbed(pod_installation: PodInstallation, undisturbed: Any, tiny_footage: Footage, radosgw: S3Server) -> Disturbed:
    """The build `egoavu-disturbed` over the tiny footage, with every fault played on it."""
    run = DisturbedRun(pod_installation, "disturbed")
    with playing({fault.__name__: fault for fault in FAULTS}, run) as outcomes:
        pod_installation.trigger(run.run_id, tiny_footage)
        wait(outcomes.values())
    patiently(lambda: pod_installation.has_ended(run.run_id), every=1.0)
    report = pod_installation.commands.json("build", "show", run.build)
    _, expected = undisturbed(run.build, tiny_footage)
    return Disturbed(outcomes, pod_installation.states(run.run_id), published_on_s3(radosgw, report), expected)


@pytest.mark.parametrize("fault", [fault.__name__ for fault in FAULTS])
def test_a_fault_ends_well_and_changes_no_byte(fault: str, disturbed: Disturbed) -> None:
    disturbed.outcomes[fault].result()
    assert disturbed.states == {}
    assert disturbed.published == disturbed.expected


def _mark_failed(run: DisturbedRun, task: str) -> None:
    """Mark the task failed, and see its pod go."""
    run.on.local.airflow.api().fail_task(DAG, run.run_id, f"shard.{task}", 0)
    patiently(lambda: run.pods(task) == [])
    assert len(run.asked_for(task)) == 1


def _clear(run: DisturbedRun, task: str) -> None:
    """Clear the task once everything below it has heard that it failed, and see it succeed."""
    patiently(lambda: run.state_of_gate() == "upstream_failed", every=1.0)

    def clear() -> int:
        return run.on.local.airflow.api().clear(DAG, run.run_id, f"shard.{task}", 0)

    clear()
    # A scheduler that was about to end the run ends it after the clearing too, and nobody takes the task up: it is cleared again.
    patiently(lambda: run.state(task) is not None or (run.on.has_ended(run.run_id) and not clear()), every=2.0)
    run.comes_to(task, "success")


def _is_skewed(run: DisturbedRun, task: str, by: str) -> None:
    patiently(lambda: run.asked_for(task))
    assert run.asked_for(task)[0]["spec"]["containers"][0]["command"][:3] == ["faketime", "-f", by]
    run.ends_well(task, attempt=1)
