"""What `egoetl doctor` asks of Kubernetes: whether the pod settings fit the recipes, and whether the namespace answers."""

import asyncio
from collections.abc import Iterator
from typing import Any

from egoetl.core.errors import ConfigError
from egoetl.core.recipe import Recipe
from egoetl.recipes.index import load, names
from egoetl_airflow.pods.cluster import Cluster, ClusterAwayError, ClusterRefusedError
from egoetl_airflow.pods.pod_settings import PodSettings, load_pod_settings
from egoetl_airflow.pods.task_identity import installation_labels

PATIENCE_SECONDS = 2.0
FOLDS = ("publish",)


def pod_checks() -> Iterator[dict[str, Any]]:
    """Each check as a dict of name, ok, detail and, where it failed, remedy."""
    try:
        pods = load_pod_settings()
        check_names(pods, [load(name) for name in names()])
    except ConfigError as error:
        yield {"name": "pod settings", "ok": False, "detail": str(error), "remedy": None}
        return
    yield {"name": "pod settings", "ok": True, "detail": f"pods of {pods.installation} in namespace {pods.namespace}"}
    try:
        running = asyncio.run(_pods(pods))
    except (ClusterAwayError, ClusterRefusedError) as error:
        remedy = "see the permissions in docs/kubernetes.md"
        yield {"name": "kubernetes", "ok": False, "detail": str(error), "remedy": remedy}
        return
    yield {"name": "kubernetes", "ok": True, "detail": f"namespace {pods.namespace} answers, {running} pods of egoetl in it"}


def check_names(pods: PodSettings, recipes: list[Recipe]) -> None:
    """Raise ConfigError for a role or a stage that no recipe has: its settings would never be used."""
    roles = {role for recipe in recipes for role in recipe.roles}
    stages = {stage.name for recipe in recipes for stage in recipe.stages} | set(FOLDS)
    for section, known in (("roles", roles), ("stages", stages)):
        if unknown := sorted(set(getattr(pods, section)) - known):
            raise ConfigError(
                f"The pod settings have {section}.{unknown[0]}, which no recipe has; there are {', '.join(sorted(known))}.",
                reason="pod_settings_unknown_name",
            )


async def _pods(pods: PodSettings) -> int:
    async with Cluster(pods.access, pods.namespace, patience_seconds=PATIENCE_SECONDS, log=lambda _: None) as cluster:
        return len(await cluster.pods(installation_labels(pods.installation)))
