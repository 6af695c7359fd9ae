"""Pod settings for tests: a small file that is right, and how to change it."""

import copy
from typing import Any

import yaml

from egoetl_airflow.pods.pod_settings import PodSettings, parse_pod_settings

SMALL: dict[str, Any] = yaml.safe_load(
    """
namespace: default
installation: tests
access: {kube_config: /nowhere/kubeconfig}
deferrable: false
poll_seconds: 0.1
defaults:
  image: registry.example/egoetl:tests
  cpu: 100m
  memory: 1Gi
  scratch: 1Gi
  grace_seconds: 5
  secrets:
    EGOETL_DATABASE_URL: {secret: egoetl-database, key: url}
decoding: {cpu: 4}
roles:
  omni: {gpu: {count: 1}, memory: 64Gi, shared_memory: 8Gi}
stages:
  publish: {memory: 8Gi}
"""
)


def changed(**changes: Any) -> dict[str, Any]:
    """The small file with some values replaced; a name with dots, written with `__`, goes down into it."""
    content = copy.deepcopy(SMALL)
    for name, value in changes.items():
        *above, last = name.split("__")
        place = content
        for each in above:
            place = place.setdefault(each, {})
        place[last] = value
    return content


def pod_settings(**changes: Any) -> PodSettings:
    """The small file, changed and read."""
    return parse_pod_settings(changed(**changes), "pods.yaml")
