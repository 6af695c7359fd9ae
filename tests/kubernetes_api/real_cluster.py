"""A real cluster behind the same face, as far as one can: for the tests that need no fault of their own making."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from kubernetes import client, config

from kubernetes_api.refusals import Json
from kubernetes_api.selectors import Matching

IMAGE_VARIABLE = "EGOETL_TESTS_IMAGE"
"""The image for pods of the tests: one with Python, and for builds one with egoetl."""


class RealCluster:
    """The cluster that KUBECONFIG names, in the namespace of its current context."""

    def __init__(self, kubeconfig: Path) -> None:
        self.kubeconfig = kubeconfig
        self._api = client.CoreV1Api(config.new_client_from_config(str(kubeconfig)))
        self._secrets: list[str] = []
        active = config.list_kube_config_contexts(str(kubeconfig))[1]
        self.namespace: str = active["context"].get("namespace", "default")
        self.image = os.environ.get(IMAGE_VARIABLE, "python:3.11-slim")

    def pods(self, matching: Matching = lambda _: True) -> list[Json]:
        """The namespace's pods as they are now."""
        found = self._api.list_namespaced_pod(self.namespace).items
        return [pod for pod in map(self._api.api_client.sanitize_for_serialization, found) if matching(pod)]

    def create_secret(self, name: str, values: Mapping[str, str]) -> None:
        """Add a secret, which `close` removes."""
        self._api.create_namespaced_secret(self.namespace, {"metadata": {"name": name}, "stringData": dict(values)})
        self._secrets.append(name)

    def close(self) -> None:
        """Remove what was added."""
        for name in self._secrets:
            self._api.delete_namespaced_secret(name, self.namespace)
        self._api.api_client.close()

    def __getattr__(self, name: str) -> object:
        if name.startswith("_"):
            raise AttributeError(name)
        pytest.skip(f"a real cluster cannot be made to {name}: this needs the Kubernetes API of the tests")
