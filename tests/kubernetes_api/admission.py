"""What the API server refuses when a pod is posted: off the schema, values that the schema lets pass, over the quota."""

import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

import kubernetes_validate
from kubernetes.utils.quantity import parse_quantity

from kubernetes_api.refusals import Json, RefusedError

RELEASE = "1.34"
ENDED = ("Succeeded", "Failed")
DNS_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
LABEL_VALUE = re.compile(r"([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?")
PULL_POLICIES = (None, "Always", "IfNotPresent", "Never")


def check_pod(pod: Json) -> None:
    """Raises RefusedError 400 for what is off the schema, 422 for values that no cluster takes."""
    try:
        kubernetes_validate.validate(pod, RELEASE, strict=True)
    except kubernetes_validate.ValidationError as error:
        where = ".".join(str(part) for part in error.absolute_path)
        raise RefusedError(400, f"Pod in version v1 cannot be handled: {where}: {error.message}") from error
    if wrong := next(_wrong_values(pod), None):
        raise RefusedError(422, f'Pod "{pod["metadata"].get("name", "")}" is invalid: {wrong}')


def check_quota(pod: Json, pods: list[Json], quotas: list[Json]) -> None:
    """Raises RefusedError 403 if the pod would exceed a quota, in the words of Kubernetes."""
    asked = usage_of(pod)
    used: Counter[str] = Counter()
    for other in pods:
        if other["status"]["phase"] not in ENDED:
            used.update(usage_of(other))
    for quota in quotas:
        for resource, hard in quota["spec"]["hard"].items():
            if asked[resource] and used[resource] + asked[resource] > parse_quantity(hard):
                name, limits = quota["metadata"]["name"], f"{resource}={asked[resource]}, used: {resource}={used[resource]}"
                said = f"exceeded quota: {name}, requested: {limits}, limited: {resource}={hard}"
                raise RefusedError(403, f'pods "{pod["metadata"].get("name", "")}" is forbidden: {said}')


def usage_of(pod: Json) -> Counter[str]:
    """What a pod counts for in a quota: `pods`, `requests.<resource>` and `limits.<resource>`."""
    usage: Counter[str] = Counter({"pods": 1, "count/pods": 1})
    for container in pod["spec"]["containers"]:
        resources = container.get("resources") or {}
        limits = resources.get("limits") or {}
        requests = {**limits, **(resources.get("requests") or {})}
        for kind, amounts in (("requests", requests), ("limits", limits)):
            for resource, amount in amounts.items():
                usage[f"{kind}.{resource}"] += parse_quantity(amount)
    return usage


def _wrong_values(pod: Json) -> Iterator[str]:
    spec, metadata = pod["spec"], pod["metadata"]
    name = metadata.get("name") or metadata.get("generateName", "") + "x"
    if not DNS_NAME.fullmatch(name):
        yield f"metadata.name: Invalid value: {name!r}: a lowercase RFC 1123 subdomain must consist of a-z, 0-9, '-' or '.'"
    for label, value in (metadata.get("labels") or {}).items():
        if not LABEL_VALUE.fullmatch(value):
            yield f"metadata.labels: Invalid value: {label}={value!r}"
    if spec.get("restartPolicy") != "Never":
        yield f"spec.restartPolicy: {spec.get('restartPolicy')!r}: a container is never started again here; say Never"
    volumes = {volume["name"] for volume in spec.get("volumes") or []}
    for container in [*(spec.get("initContainers") or []), *spec["containers"]]:
        yield from _wrong_in_container(container, volumes)


def _wrong_in_container(container: Json, volumes: set[str]) -> Iterator[str]:
    where = f"spec.containers[{container['name']}]"
    if container.get("imagePullPolicy") not in PULL_POLICIES:
        yield f"{where}.imagePullPolicy: Unsupported value: {container['imagePullPolicy']!r}"
    for mount in container.get("volumeMounts") or []:
        if mount["name"] not in volumes:
            yield f"{where}.volumeMounts: Not found: {mount['name']!r}"
    resources = container.get("resources") or {}
    limits, requests = resources.get("limits") or {}, resources.get("requests") or {}
    for kind, amounts in (("limits", limits), ("requests", requests)):
        for resource, amount in amounts.items():
            if _quantity(amount) is None:
                yield f"{where}.resources.{kind}[{resource}]: Invalid value: {amount!r}: quantities must match a number and a unit"
    for resource, amount in requests.items():
        if (asked := _quantity(amount)) is not None and asked > (_quantity(limits.get(resource, amount)) or asked):
            yield f"{where}.resources.requests[{resource}]: Invalid value: {amount!r}: must be less than or equal to {resource} limit"


def _quantity(amount: object) -> Decimal | None:
    try:
        return parse_quantity(amount)
    except ValueError:
        return None
