"""A cluster and an Airflow for each file of this folder, and what undisturbed local builds publish."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from kubernetes_api.fixtures import a_cluster
from kubernetes_api.pod_installation import PodInstallation, running

from egoetl.local.home import Home
from egoetl.testing.installation import Footage, Installation
from egoetl.testing.s3_server import S3Server


@pytest.fixture(scope="module")
def pod_installation(
    radosgw: S3Server, small_footage: Footage, tiny_footage: Footage, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PodInstallation]:
    """PostgreSQL, Airflow, radosgw and a cluster, up and empty."""
    home = Home.at(tmp_path_factory.mktemp("on_kubernetes") / "home")
    with a_cluster() as cluster, running(home, cluster, radosgw, [small_footage, tiny_footage]) as installation:
        yield installation


@pytest.fixture(scope="module")
def undisturbed(
    postgres_server: Any, migrated_template: str, database_names: Iterator[str], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, Footage], tuple[dict[str, Any], dict[str, str]]]:
    """Report and published bytes of a build of that name over that footage, with a local store and without Airflow."""

    def build(name: str, footage: Footage) -> tuple[dict[str, Any], dict[str, str]]:
        postgres_server.create_database(database := next(database_names), template=migrated_template)
        local = Installation(postgres_server.url(database), tmp_path_factory.mktemp("undisturbed"), footage)
        report = local.json("build", "run", *local.order(name))
        published = local.published(report)
        postgres_server.drop_database(database)
        return report, published

    return build
