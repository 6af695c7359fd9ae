"""The Kubernetes API of the tests, asked by the official client: what real pods would show. Also runs against KUBECONFIG."""

import json
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from kubernetes import client, config, watch
from kubernetes.client.exceptions import ApiException
from kubernetes.stream import stream

pytestmark = pytest.mark.slow

SAYS = "import sys, time\nfor word in sys.argv[1:]: print(word, flush=True)"
WAITS = "import signal, sys, time\nprint('ready', flush=True)\ntime.sleep(600)"
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, lambda *_: print('asked', flush=True))
print('ready', flush=True)
while True: time.sleep(1)
"""
ENDED = ("Succeeded", "Failed")


@pytest.fixture
def api(cluster: Any) -> Iterator[client.CoreV1Api]:
    """The official client, and no pod of the test left behind."""
    with config.new_client_from_config(str(cluster.kubeconfig)) as connection:
        core = client.CoreV1Api(connection)
        yield core
        core.delete_collection_namespaced_pod(cluster.namespace, label_selector="egoetl-test=api", grace_period_seconds=0)


@pytest.fixture
def a_pod(cluster: Any) -> Callable[..., dict[str, Any]]:
    """A pod that runs a Python program; `more` is its container's."""

    def make(program: str, *arguments: str, spec: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        python = "python" if cluster.image.startswith("python") else sys.executable
        container = {"name": "base", "image": cluster.image, "command": [python, "-c", program, *arguments], **more}
        metadata = {"name": f"test-{uuid.uuid4().hex[:8]}", "labels": {"egoetl-test": "api"}}
        whole = {"restartPolicy": "Never", "containers": [container], "terminationGracePeriodSeconds": 1, **(spec or {})}
        return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": whole}

    return make


@pytest.fixture
def run(cluster: Any, api: client.CoreV1Api, patiently: Any) -> Callable[[dict[str, Any]], Any]:
    """Run a pod to its end; its status."""

    def to_its_end(pod: dict[str, Any]) -> Any:
        name = api.create_namespaced_pod(cluster.namespace, pod).metadata.name
        status = lambda: api.read_namespaced_pod(name, cluster.namespace).status  # noqa: E731 - asked again and again
        patiently(lambda: status().phase in ENDED, seconds=120)
        return status()

    return to_its_end


def log_of(api: client.CoreV1Api, pod: str, namespace: str, **asked: Any) -> str:
    """A log; the client's own decoding gives the text of a bytes literal."""
    return api.read_namespaced_pod_log(pod, namespace, _preload_content=False, **asked).data.decode()


def running(api: client.CoreV1Api, namespace: str, name: str) -> bool:
    return api.read_namespaced_pod(name, namespace).status.phase == "Running"


def refused(call: Callable[[], Any]) -> tuple[int, str]:
    """The code and the message of a call that the API must refuse."""
    with pytest.raises(ApiException) as caught:
        call()
    said = json.loads(caught.value.body)
    assert said["kind"] == "Status"
    return caught.value.status, said["message"]


def test_a_pod_runs_and_its_log_is_read(cluster, api, a_pod, run) -> None:
    pod = a_pod(SAYS, "one", "two")
    status = run(pod)
    assert status.phase == "Succeeded"
    assert status.container_statuses[0].state.terminated.reason == "Completed"
    read = partial(log_of, api, pod["metadata"]["name"], cluster.namespace)
    assert read() == "one\ntwo\n"
    assert read(tail_lines=1) == "two\n"
    first = read(timestamps=True).splitlines()[0]
    assert first.endswith("Z one")
    assert first[4] == "-"


def test_an_exit_code_and_the_termination_message_arrive(a_pod, run) -> None:
    program = "open('/dev/termination-log', 'w').write('no such video'); raise SystemExit(65)"
    ended = run(a_pod(program)).container_statuses[0].state.terminated
    assert (ended.exit_code, ended.reason, ended.message) == (65, "Error", "no such video")


def test_the_environment_is_the_specs(cluster, a_pod, run, api, monkeypatch) -> None:
    monkeypatch.setenv("EGOETL_PLANTED", "of this process")
    cluster.create_secret(name := f"test-{uuid.uuid4().hex[:8]}", {"password": "planted-0451"})
    variables = [
        {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": name, "key": "password"}}},
        {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        {"name": "ADDRESS", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
        {"name": "URL", "value": "db://user:$(PASSWORD)@host/$$(POD)"},
    ]
    pod = a_pod("import json, os; print(json.dumps(dict(os.environ)))", env=variables)
    run(pod)
    found = json.loads(log_of(api, pod["metadata"]["name"], cluster.namespace))
    assert found["PASSWORD"] == "planted-0451"
    assert found["POD"] == pod["metadata"]["name"]
    assert found["URL"] == "db://user:planted-0451@host/$(POD)"
    assert found["ADDRESS"].count(".") == 3
    assert "EGOETL_PLANTED" not in found


def test_containers_share_a_volume_and_init_containers_come_first(a_pod, run, cluster, api) -> None:
    mount = [{"name": "scratch", "mountPath": "/scratch"}]
    pod = a_pod("print(open('/scratch/left').read())", volumeMounts=mount)
    first = {**pod["spec"]["containers"][0], "name": "first"}
    first["command"] = [*first["command"][:2], "open('/scratch/left', 'w').write('from the first')"]
    pod["spec"] |= {"initContainers": [first], "volumes": [{"name": "scratch", "emptyDir": {}}]}
    assert run(pod).init_container_statuses[0].state.terminated.exit_code == 0
    assert log_of(api, pod["metadata"]["name"], cluster.namespace, container="base") == "from the first\n"


def test_a_log_is_followed_while_it_is_written(cluster, api, a_pod) -> None:
    pod = a_pod("import time\nfor n in range(3): print(n, flush=True); time.sleep(0.3)")
    name = api.create_namespaced_pod(cluster.namespace, pod).metadata.name
    seen = []
    for event in watch.Watch().stream(
        api.list_namespaced_pod, cluster.namespace, field_selector=f"metadata.name={name}", timeout_seconds=60
    ):
        seen.append((event["type"], event["object"].status.phase))
        if event["object"].status.phase == "Running":
            break
    assert seen[0] == ("ADDED", "Pending")
    lines = watch.Watch().stream(api.read_namespaced_pod_log, name, cluster.namespace)
    assert list(lines) == ["0", "1", "2"]


def test_a_watch_goes_on_from_a_resource_version(cluster, api, a_pod, run) -> None:
    before = api.list_namespaced_pod(cluster.namespace).metadata.resource_version
    pod = a_pod(SAYS)
    run(pod)
    api.delete_namespaced_pod(pod["metadata"]["name"], cluster.namespace)
    kinds = []
    for event in watch.Watch().stream(
        api.list_namespaced_pod, cluster.namespace, label_selector="egoetl-test=api", resource_version=before, timeout_seconds=60
    ):
        kinds.append(event["type"])
        if event["type"] == "DELETED":
            break
    assert kinds[0] == "ADDED"
    assert "MODIFIED" in kinds


def test_a_command_runs_beside_a_container(cluster, api, a_pod, patiently) -> None:
    pod = a_pod(WAITS)
    name = api.create_namespaced_pod(cluster.namespace, pod).metadata.name
    patiently(lambda: running(api, cluster.namespace, name), seconds=120)
    asked = {"command": ["sh", "-c", "read word; echo said $word; exit 3"], "stdin": True, "stdout": True, "stderr": True, "tty": False}
    beside = stream(api.connect_get_namespaced_pod_exec, name, cluster.namespace, container="base", _preload_content=False, **asked)
    beside.write_stdin("hello\n")
    beside.run_forever(timeout=60)
    assert beside.read_stdout() == "said hello\n"
    assert beside.returncode == 3
    beside.sock.shutdown()  # where the other side has closed, `close` leaves the socket open


def test_a_deleted_pod_has_its_grace_and_is_then_gone(cluster, api, a_pod, patiently) -> None:
    pod = a_pod(STUBBORN)
    name = api.create_namespaced_pod(cluster.namespace, pod).metadata.name
    patiently(lambda: running(api, cluster.namespace, name), seconds=120)
    patiently(lambda: "ready" in log_of(api, name, cluster.namespace), seconds=60)
    api.delete_namespaced_pod(name, cluster.namespace, grace_period_seconds=300)
    assert api.read_namespaced_pod(name, cluster.namespace).metadata.deletion_timestamp is not None
    patiently(lambda: "asked" in log_of(api, name, cluster.namespace), seconds=60)
    api.delete_namespaced_pod(name, cluster.namespace, grace_period_seconds=0)
    patiently(lambda: name not in [pod["metadata"]["name"] for pod in cluster.pods()], seconds=60)
    assert refused(lambda: api.read_namespaced_pod(name, cluster.namespace)) == (404, f'pods "{name}" not found')


def test_a_deadline_ends_a_pod(a_pod, run) -> None:
    status = run(a_pod(WAITS, spec={"activeDeadlineSeconds": 2}))
    assert (status.phase, status.reason) == ("Failed", "DeadlineExceeded")


def test_events_tell_what_happened(cluster, api, a_pod, run) -> None:
    pod = a_pod(SAYS)
    run(pod)
    events = api.list_namespaced_event(cluster.namespace, field_selector=f"involvedObject.name={pod['metadata']['name']}").items
    assert {"Scheduled", "Started"} <= {event.reason for event in events}


def test_names_labels_and_tokens_are_checked(cluster, api, a_pod) -> None:
    pod = a_pod(WAITS)
    name = api.create_namespaced_pod(cluster.namespace, pod).metadata.name
    assert refused(lambda: api.create_namespaced_pod(cluster.namespace, pod)) == (409, f'pods "{name}" already exists')
    api.patch_namespaced_pod(name, cluster.namespace, {"metadata": {"labels": {"already_checked": "True"}}})
    # A question that is asked more than once.
    found = lambda selector: [pod.metadata.name for pod in api.list_namespaced_pod(cluster.namespace, label_selector=selector).items]  # noqa: E731
    assert found("egoetl-test=api,already_checked in (True, False)") == [name]
    assert found("egoetl-test=api,!already_checked") == []
    stranger = client.Configuration(host=api.api_client.configuration.host)
    stranger.ssl_ca_cert = api.api_client.configuration.ssl_ca_cert
    with client.ApiClient(stranger) as connection:
        assert refused(lambda: client.CoreV1Api(connection).list_namespaced_pod(cluster.namespace))[0] in (401, 403)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"toleratoins": []}, "toleratoins"),
        ({"restartPolicy": "Sometimes"}, "restartPolicy"),
        ({"resources": {"limits": {"memory": "16 gigs"}}}, "16 gigs"),
        ({"resources": {"limits": {"nvidia.com/gpu": "1"}, "requests": {"nvidia.com/gpu": "2"}}}, "less than or equal"),
        ({"volumeMounts": [{"name": "nowhere", "mountPath": "/x"}]}, "Not found"),
    ],
)
def test_a_pod_that_no_cluster_takes_is_refused(cluster, api, a_pod, change, says) -> None:
    pod = a_pod(SAYS)
    (pod["spec"]["containers"][0] if change.keys() & {"resources", "volumeMounts"} else pod["spec"]).update(change)
    if "toleratoins" in change and not hasattr(cluster, "token"):
        pytest.skip("the official client asks a real API server to drop unknown fields")
    code, message = refused(lambda: api.create_namespaced_pod(cluster.namespace, pod))
    assert code in (400, 422)
    assert says in message


def test_requests_from_many_threads_are_served(cluster, api, a_pod, run) -> None:
    statuses: list[Any] = []
    threads = [threading.Thread(target=lambda: statuses.append(run(a_pod(SAYS, "x")).phase)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == ["Succeeded"] * 6
