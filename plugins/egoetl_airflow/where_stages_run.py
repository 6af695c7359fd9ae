"""EGOETL_EXECUTION: whether a task's command is a process of this machine or a pod. The command is the same."""

from collections.abc import Callable, Mapping
from typing import Any

from airflow.sdk import BaseOperator

from egoetl.core.settings import load_settings
from egoetl.core.stage import Stage
from egoetl_airflow.stage_operator import StageProcessOperator


def stages_operator(stages: tuple[Stage, ...], *, gpus: int | None = None, **kwargs: Any) -> BaseOperator:
    """The operator of a task that runs these stages over a shard, and serves models on so many GPUs. Raises ConfigError."""
    return _operator(lambda pods: pods.of_stages(stages, gpus=gpus or 0), kwargs)


def fold_operator(name: str, **kwargs: Any) -> BaseOperator:
    """The operator of a task that works through the whole dataset. Raises ConfigError."""
    return _operator(lambda pods: pods.of_fold(name), kwargs)


def _operator(profile_in: Callable[[Any], Any], kwargs: Mapping[str, Any]) -> BaseOperator:
    if load_settings().execution == "local":
        return StageProcessOperator(**kwargs)
    # Only here, so that a DAG parses without a Kubernetes client where nothing runs on Kubernetes.
    from egoetl_airflow.pods.pod_settings import load_pod_settings
    from egoetl_airflow.pods.stage_pod_operator import StagePodOperator

    pods = load_pod_settings()
    return StagePodOperator(profile=profile_in(pods), pods=pods, **kwargs)
