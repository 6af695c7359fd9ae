"""The fixture `cluster`: the Kubernetes API of the tests, or the real cluster that KUBECONFIG names."""

import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kubernetes_api.cluster import Cluster
from kubernetes_api.real_cluster import RealCluster


@contextmanager
def a_cluster() -> Generator[Cluster | RealCluster]:
    """A cluster for as long as this lasts."""
    if named := os.environ.get("KUBECONFIG"):
        real = RealCluster(Path(named))
        try:
            yield real
        finally:
            real.close()
    else:
        with Cluster() as own:
            yield own


@pytest.fixture
def cluster() -> Iterator[Cluster | RealCluster]:
    """A cluster without a pod, or a real one."""
    with a_cluster() as found:
        yield found
