"""What becomes of a task when its pod ends: real containers, which are processes of this machine, behind a Kubernetes API."""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException, TaskDeferred
from kubernetes_api.cluster import Cluster
from pod_files import pod_settings

from egoetl_airflow.pods.stage_pod_operator import StagePodOperator

pytestmark = pytest.mark.slow

SLEEP = "import time; print('asleep', flush=True); time.sleep(600)"
FAIL = "import os, sys; open(os.environ['EGOETL_TERMINATION_LOG'], 'w').write('The database is away.'); print('progress'); sys.exit({code})"
SHOW = "import json, os, sys; print(json.dumps([sys.argv[1:], dict(os.environ)]))"


def context(try_number: int = 1) -> dict[str, Any]:
    ti = SimpleNamespace(dag_id="build_small", run_id="manual__1", task_id="shard.caption", map_index=3, try_number=try_number)
    return {"ti": ti, "run_id": "manual__1"}


@pytest.fixture
def caption(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Callable[..., StagePodOperator]:
    """An operator whose pod runs a Python program, with pod settings that may be changed."""
    cluster.create_secret("egoetl-database", {"url": "postgresql://u:pass-word@h/d"})
    monkeypatch.setenv("EGOETL_PATIENCE_SECONDS", "60")

    def make(program: str, **changes: Any) -> StagePodOperator:
        changes = {"access": {"kube_config": str(cluster.kubeconfig)}, "defaults__command": [sys.executable, "-c", program], **changes}
        pods = pod_settings(**changes)
        return StagePodOperator(task_id="caption", arguments=["stage", "run", 3], profile=pods.of_fold("caption"), pods=pods)

    return make


@contextmanager
def meanwhile(operator: StagePodOperator, when: Callable[[], bool], act: Callable[[], None]) -> Iterator[None]:
    """Act in another thread once a condition holds, beside what the body waits for."""

    def run() -> None:
        deadline = time.monotonic() + 60
        while not when():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        act()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def phases(cluster: Cluster) -> list[str]:
    return [pod["status"]["phase"] for pod in cluster.pods()]


def is_running(cluster: Cluster) -> Callable[[], bool]:
    return lambda: phases(cluster) == ["Running"]


def test_a_pod_that_succeeds_gets_arguments_settings_and_secret_and_is_deleted(
    cluster: Cluster, caption: Callable[..., StagePodOperator], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[str] = []
    monkeypatch.setenv("EGOETL_STORE_URL", "s3://bucket/night")
    operator = caption(SHOW)
    monkeypatch.setattr(operator.log, "info", lambda text, *values: lines.append(text % values if values else text))
    operator.execute(context(2))
    (shown,) = (json.loads(line) for line in lines if line.startswith("["))
    arguments, environment = shown
    assert arguments == ["stage", "run", "3"]
    assert environment["EGOETL_DATABASE_URL"] == "postgresql://u:pass-word@h/d"
    assert environment["EGOETL_STORE_URL"] == "s3://bucket/night"
    assert (environment["EGOETL_AIRFLOW_TASK_ID"], environment["EGOETL_AIRFLOW_TRY_NUMBER"]) == ("shard.caption", "2")
    assert cluster.pods(lambda pod: not pod["metadata"].get("deletionTimestamp")) == []
    assert "pass-word" not in str(operator.build_pod_request_obj(context(2)))


@pytest.mark.parametrize("code", [75, 137, 143])
def test_a_passing_trouble_is_tried_again_with_the_termination_message(
    code: int, cluster: Cluster, caption: Callable[..., StagePodOperator]
) -> None:
    with pytest.raises(AirflowException, match=r"egoetl stage run .*The database is away\.") as raised:
        caption(FAIL.format(code=code)).execute(context())
    assert not isinstance(raised.value, AirflowFailException)
    assert phases(cluster) == ["Failed"]


@pytest.mark.parametrize("code", [1, 65, 78])
def test_any_other_exit_code_fails_for_good(code: int, caption: Callable[..., StagePodOperator]) -> None:
    with pytest.raises(AirflowFailException, match=rf"egoetl stage run failed with exit code {code}: The database is away\."):
        caption(FAIL.format(code=code)).execute(context())


def test_without_a_termination_message_the_last_line_of_the_log_is_the_reason(caption: Callable[..., StagePodOperator]) -> None:
    with pytest.raises(AirflowFailException, match="failed with exit code 65: the last line"):
        caption("import sys; print('first'); print('the last line'); sys.exit(65)").execute(context())


def test_the_cluster_may_be_named_by_a_connection_of_airflow(
    cluster: Cluster, caption: Callable[..., StagePodOperator], monkeypatch: pytest.MonkeyPatch
) -> None:
    extra = {"kube_config_path": str(cluster.kubeconfig)}
    monkeypatch.setenv("AIRFLOW_CONN_THE_CLUSTER", json.dumps({"conn_type": "kubernetes", "extra": extra}))
    with pytest.raises(AirflowFailException, match="failed with exit code 65: bad"):
        caption("print('bad'); raise SystemExit(65)", access={"connection": "the_cluster"}).execute(context())


def test_access_that_leads_nowhere_fails_with_a_sentence(caption: Callable[..., StagePodOperator]) -> None:
    with pytest.raises(AirflowFailException, match="`access` in the pod settings names /nowhere/kubeconfig"):
        caption("", access={"kube_config": "/nowhere/kubeconfig"}).execute(context())


TROUBLES: list[tuple[Callable[[Cluster, str], None], str]] = [
    (lambda cluster, name: cluster.kill_for_memory(name), "killed for memory: its limit is 1Gi, raise `memory` in the pod settings"),
    (lambda cluster, name: cluster.evict(name), "The node was low on resource: memory"),
    (lambda cluster, name: cluster.lose_node(name, seconds=1), "was deleted before its end was seen|lost its node|removed from its node"),
]


@pytest.mark.parametrize(("act", "sentence"), TROUBLES, ids=["memory", "evicted", "node lost"])
def test_what_the_cluster_does_to_a_pod_is_tried_again(
    act: Callable[[Cluster, str], None], sentence: str, cluster: Cluster, caption: Callable[..., StagePodOperator]
) -> None:
    operator = caption(SLEEP)
    name = operator.build_pod_request_obj(context()).metadata.name
    with meanwhile(operator, is_running(cluster), lambda: act(cluster, name)), pytest.raises(AirflowException, match=sentence) as raised:
        operator.execute(context())
    assert not isinstance(raised.value, AirflowFailException)


def test_an_image_that_is_not_there_fails_for_good_and_leaves_no_pod(cluster: Cluster, caption: Callable[..., StagePodOperator]) -> None:
    with cluster.trouble("image_missing"), pytest.raises(AirflowFailException, match=r"cannot start: .*[Pp]ull.*not found"):
        caption(SLEEP, queueing={"image_seconds": 0.5}).execute(context())
    assert cluster.pods(lambda pod: not pod["metadata"].get("deletionTimestamp")) == []


def test_a_node_is_waited_for_up_to_a_set_time(cluster: Cluster, caption: Callable[..., StagePodOperator]) -> None:
    with cluster.trouble("unschedulable"), pytest.raises(AirflowException, match=r"waited 1 s for a node: 0/1 nodes") as raised:
        caption(SLEEP, queueing={"schedule_seconds": 1}).execute(context())
    assert not isinstance(raised.value, AirflowFailException)
    assert cluster.pods(lambda pod: not pod["metadata"].get("deletionTimestamp")) == []


def test_a_pod_that_finds_no_node_starts_when_there_is_one(cluster: Cluster, caption: Callable[..., StagePodOperator]) -> None:
    done = threading.Event()
    operator = caption("print('done')")
    with cluster.trouble("unschedulable"):
        thread = threading.Thread(target=lambda: (operator.execute(context()), done.set()))
        thread.start()
        while phases(cluster) != ["Pending"]:
            time.sleep(0.05)
        assert not done.wait(1)
    thread.join(60)
    assert done.is_set()


def test_a_full_quota_is_waited_for(cluster: Cluster, caption: Callable[..., StagePodOperator]) -> None:
    done = threading.Event()
    operator = caption("print('done')")
    with cluster.quota(pods="0"):
        thread = threading.Thread(target=lambda: (operator.launch(context(), pause=0.2), done.set()))
        thread.start()
        assert not done.wait(2)
        assert cluster.pods() == []
    thread.join(60)
    assert done.is_set()


def test_a_quota_that_stays_full_is_tried_again_later(cluster: Cluster, caption: Callable[..., StagePodOperator]) -> None:
    with (
        cluster.quota(pods="0"),
        pytest.raises(AirflowException, match=r"quota of namespace default has been full .*exceeded quota") as raised,
    ):
        caption(SLEEP, queueing={"quota_seconds": 0.5}).launch(context(), pause=0.1)
    assert not isinstance(raised.value, AirflowFailException)


def test_a_deferred_task_holds_no_worker_while_the_quota_is_full(cluster: Cluster, caption: Callable[..., StagePodOperator]) -> None:
    with cluster.quota(pods="0"), pytest.raises(TaskDeferred) as deferred:
        caption(SLEEP, deferrable=True).execute(context())
    assert deferred.value.method_name == "launch"
    assert deferred.value.kwargs is not None
    assert deferred.value.kwargs["pause"] == 60


def test_an_api_server_that_is_away_is_waited_out(cluster: Cluster, caption: Callable[..., StagePodOperator]) -> None:
    def interrupt() -> None:
        with cluster.away():
            time.sleep(3)

    operator = caption("import time; time.sleep(1.5); print('done')")
    with meanwhile(operator, is_running(cluster), interrupt):
        operator.execute(context())


def test_killing_the_task_ends_its_pod(cluster: Cluster, caption: Callable[..., StagePodOperator]) -> None:
    operator = caption(SLEEP)
    # As Airflow's task runner does: the handler calls on_kill, and execute goes on in the same thread.
    before = signal.signal(signal.SIGTERM, lambda *_: operator.on_kill())
    try:
        with (
            meanwhile(operator, is_running(cluster), lambda: os.kill(os.getpid(), signal.SIGTERM)),
            pytest.raises(AirflowException, match=r"was ended by signal 15|was deleted before its end"),
        ):
            operator.execute(context())
    finally:
        signal.signal(signal.SIGTERM, before)
    deadline = time.monotonic() + 30
    while cluster.pods():
        assert time.monotonic() < deadline
        time.sleep(0.05)
