"""A pod as Kubernetes takes it, made from a profile: plain values, so that making one needs no client."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from egoetl.core.settings import Settings
from egoetl_airflow.pods.pod_profile import PodProfile, Toleration
from egoetl_airflow.pods.task_identity import TaskIdentity

CONTAINER = "base"
SCRATCH = "/tmp"  # noqa: S108 - the pod's own volume; the root file system is read-only
MODEL_FILE = "/etc/egoetl/models"
TERMINATION_LOG = "/dev/termination-log"
CONTROL_ONLY = {
    "execution", "home", "pod_settings", "notifiers", "deadline_hours", "partitions_ahead", "keep_attempts_days", "migration_lock_seconds",
}  # fmt: skip
"""Settings that mean nothing in a pod."""


def pod_manifest(
    profile: PodProfile,
    namespace: str,
    identity: TaskIdentity,
    arguments: Sequence[str],
    environment: Mapping[str, str],
    deadline_seconds: int | None,
) -> dict[str, Any]:
    """The pod of a task, without the generation in its name. `environment` is added to the profile's own."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": identity.pod_name(0),
            "namespace": namespace,
            "labels": {**profile.labels, **identity.labels},
            "annotations": {**profile.annotations, **identity.annotations},
        },
        "spec": _without_nothing(
            {
                "restartPolicy": "Never",
                "activeDeadlineSeconds": deadline_seconds,
                "terminationGracePeriodSeconds": profile.grace_seconds,
                "serviceAccountName": profile.service_account,
                # Workers ask nothing of the Kubernetes API. Roles of a cloud come through tokens of their own.
                "automountServiceAccountToken": False,
                "enableServiceLinks": False,
                "imagePullSecrets": [{"name": name} for name in profile.image_pull_secrets],
                "nodeSelector": profile.node_selector,
                "tolerations": [_toleration(each) for each in profile.tolerations],
                "priorityClassName": profile.priority_class,
                "runtimeClassName": profile.runtime_class,
                "securityContext": _pod_security(profile),
                "volumes": _volumes(profile),
                "containers": [_container(profile, arguments, environment)],
            }
        ),
    }


def passed_on() -> dict[str, str]:
    """What of this process's EGOETL_ settings holds in pods too."""
    own = {SecretStr, Path}
    fields = {name for name, field in Settings.model_fields.items() if not own & set(_types(field.annotation))}
    names = (f"EGOETL_{name.upper()}" for name in sorted(fields - CONTROL_ONLY))
    return {name: os.environ[name] for name in names if name in os.environ}


def _types(annotation: Any) -> tuple[Any, ...]:
    return (annotation, *getattr(annotation, "__args__", ()))


def _container(profile: PodProfile, arguments: Sequence[str], environment: Mapping[str, str]) -> dict[str, Any]:
    return _without_nothing(
        {
            "name": CONTAINER,
            "image": profile.image,
            "imagePullPolicy": profile.image_pull_policy,
            "command": list(profile.command),
            "args": list(arguments),
            "env": _variables(profile, environment),
            "resources": _resources(profile),
            "volumeMounts": _mounts(profile),
            "terminationMessagePath": TERMINATION_LOG,
            # A command that is killed writes no last word; then Kubernetes takes the end of its log.
            "terminationMessagePolicy": "FallbackToLogsOnError",
            "securityContext": {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            },
        }
    )


def _variables(profile: PodProfile, environment: Mapping[str, str]) -> list[dict[str, Any]]:
    plain = {
        "HOME": SCRATCH,
        "TMPDIR": SCRATCH,
        "PYTHONUNBUFFERED": "1",
        "EGOETL_TERMINATION_LOG": TERMINATION_LOG,
        **({"HF_HOME": profile.model_cache.mount} if profile.model_cache else {}),
        **({"EGOETL_MODELS": f"{MODEL_FILE}/models.toml"} if profile.model_file else {}),
        **environment,
        **profile.environment,
    }
    secret = {name: {"secretKeyRef": {"name": each.secret, "key": each.key}} for name, each in profile.secrets.items()}
    return [
        *({"name": name, "value": value} for name, value in plain.items() if name not in secret),
        *({"name": name, "valueFrom": source} for name, source in secret.items()),
    ]


def _resources(profile: PodProfile) -> dict[str, dict[str, str]]:
    gpu = {profile.gpu.resource: str(profile.gpu.count)} if profile.gpu else {}
    limits = {"memory": profile.memory, "ephemeral-storage": profile.scratch, **gpu}
    if profile.cpu_limit:
        limits["cpu"] = profile.cpu_limit
    memory = profile.memory_request or profile.memory
    return {"limits": limits, "requests": {"cpu": profile.cpu, "memory": memory, "ephemeral-storage": profile.scratch, **gpu}}


def _volumes(profile: PodProfile) -> list[dict[str, Any]]:
    volumes: list[dict[str, Any]] = [{"name": "scratch", "emptyDir": {"sizeLimit": profile.scratch}}]
    if profile.shared_memory:
        volumes.append({"name": "shared-memory", "emptyDir": {"medium": "Memory", "sizeLimit": profile.shared_memory}})
    if cache := profile.model_cache:
        source = (
            {"persistentVolumeClaim": {"claimName": cache.claim, "readOnly": cache.read_only}}
            if cache.claim
            else {"hostPath": {"path": cache.host_path, "type": "DirectoryOrCreate"}}
        )
        volumes.append({"name": "model-cache", **source})
    if models := profile.model_file:
        items = [{"key": models.key, "path": "models.toml"}]
        volumes.append({"name": "model-file", "configMap": {"name": models.config_map, "items": items}})
    return volumes


def _mounts(profile: PodProfile) -> list[dict[str, Any]]:
    mounts: list[dict[str, Any]] = [{"name": "scratch", "mountPath": SCRATCH}]
    if profile.shared_memory:
        mounts.append({"name": "shared-memory", "mountPath": "/dev/shm"})  # noqa: S108 - where programs look for it
    if cache := profile.model_cache:
        mounts.append({"name": "model-cache", "mountPath": cache.mount, "readOnly": cache.read_only})
    if profile.model_file:
        mounts.append({"name": "model-file", "mountPath": MODEL_FILE, "readOnly": True})
    return mounts


def _pod_security(profile: PodProfile) -> dict[str, Any]:
    return _without_nothing(
        {
            "runAsNonRoot": True,
            "runAsUser": profile.run_as_user,
            "fsGroup": profile.group,
            "seccompProfile": {"type": "RuntimeDefault"},
        }
    )


def _toleration(toleration: Toleration) -> dict[str, Any]:
    given = toleration.model_dump(exclude_none=True, exclude={"seconds"})
    return given if toleration.seconds is None else {**given, "tolerationSeconds": toleration.seconds}


def _without_nothing(values: dict[str, Any]) -> dict[str, Any]:
    """Kubernetes has a default for what is absent; `null` and empty lists are noise in `kubectl get -o yaml`."""
    return {name: value for name, value in values.items() if value is not None and value not in ([], {})}
