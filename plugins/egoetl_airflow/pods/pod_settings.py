"""The pod settings: a YAML file that EGOETL_POD_SETTINGS names, checked as a whole when a DAG is parsed."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Self

import pydantic
import yaml
from pydantic import Field, model_validator

from egoetl.core.errors import ConfigError
from egoetl.core.records import Record
from egoetl.core.settings import load_settings
from egoetl.core.stage import Stage
from egoetl_airflow.pods.kubernetes_names import DnsLabel
from egoetl_airflow.pods.pod_profile import Gpu, PodProfile, Queueing

DATABASE_URL = "EGOETL_DATABASE_URL"
_SECTIONS = ("roles", "stages")


class Access(Record):
    """How Airflow reaches the Kubernetes API: as the service account that it runs under, through a file, or through a connection."""

    in_cluster: bool = False
    kube_config: str | None = None
    context: str | None = None
    connection: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if [self.in_cluster, bool(self.kube_config), bool(self.connection)].count(True) != 1:
            raise ValueError("give exactly one of in_cluster, kube_config and connection")
        return self


class PodSettings(Record):
    """One installation's pods. `of_stages` and `of_fold` give the profile of a task's pod."""

    namespace: DnsLabel
    installation: DnsLabel = "egoetl"
    access: Access = Access(in_cluster=True)
    deferrable: bool = True
    poll_seconds: Annotated[float, Field(gt=0)] = 5.0
    keep_failed_hours: Annotated[float, Field(ge=0)] = 72.0
    queueing: Queueing = Queueing()
    defaults: dict[str, Any]
    decoding: dict[str, Any] = Field(default_factory=dict)
    roles: dict[str, dict[str, Any]] = Field(default_factory=dict)
    stages: dict[str, dict[str, Any]] = Field(default_factory=dict)

    def of_stages(self, stages: tuple[Stage, ...], *, gpus: int = 0) -> PodProfile:
        """The profile of a task of these stages. Later ones win: defaults, decoding or the roles, the stages by name.

        `gpus` is what the servers that the task starts take together: the pod has no fewer.
        """
        layers = [("defaults", self.defaults)]
        if any(stage.decodes and not stage.roles for stage in stages):
            layers.append(("decoding", self.decoding))
        roles = dict.fromkeys(role for stage in stages for role in stage.roles)
        layers += [(f"roles.{role}", self.roles.get(role, {})) for role in roles]
        layers += [(f"stages.{stage.name}", self.stages.get(stage.name, {})) for stage in stages]
        profile = _profile(layers)
        gpu = profile.gpu or Gpu()
        return profile.model_copy(update={"gpu": gpu.model_copy(update={"count": max(gpu.count, gpus)})}) if gpus else profile

    def of_fold(self, name: str) -> PodProfile:
        """The profile of the pod of `publish`."""
        return _profile([("defaults", self.defaults), (f"stages.{name}", self.stages.get(name, {}))])

    def check(self) -> None:
        """Raise ValueError of the first section that makes no good profile."""
        _profile([("defaults", self.defaults)])
        _profile([("defaults", self.defaults), ("decoding", self.decoding)])
        for section in _SECTIONS:
            for name, layer in getattr(self, section).items():
                _profile([("defaults", self.defaults), (f"{section}.{name}", layer)])


def load_pod_settings() -> PodSettings:
    """Read the file that EGOETL_POD_SETTINGS names. Raises ConfigError with one sentence about the first mistake."""
    path = load_settings().pod_settings
    if path is None:
        raise ConfigError(
            "EGOETL_EXECUTION is kubernetes and EGOETL_POD_SETTINGS names no file; see docs/kubernetes.md.", reason="pod_settings_missing"
        )
    try:
        return _read(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise ConfigError(f"The pod settings {path} cannot be read: {error.strerror}.", reason="pod_settings_unreadable") from error


@lru_cache(maxsize=4)
def _read(path: Path, changed: int) -> PodSettings:  # noqa: ARG001 - a changed file is read anew
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"The pod settings {path} are no YAML: {' '.join(str(error).split())}.", reason="pod_settings_invalid") from error
    return parse_pod_settings(content, str(path))


def parse_pod_settings(content: object, where: str) -> PodSettings:
    """Check the content of a file. Raises ConfigError that names place and mistake."""
    try:
        if not isinstance(content, dict):
            raise ConfigError(f"The pod settings {where} are no mapping of names to values.", reason="pod_settings_invalid")
        settings = PodSettings.model_validate(content)
        settings.check()
    except _SectionError as error:
        raise ConfigError(f"The pod settings {where} are not usable: {error}.", reason="pod_settings_invalid") from error
    except pydantic.ValidationError as error:
        raise ConfigError(f"The pod settings {where} are not usable: {_mistake(error)}.", reason="pod_settings_invalid") from error
    return settings


class _SectionError(Exception):
    """A section that makes no good profile."""


def _profile(layers: list[tuple[str, Mapping[str, Any]]]) -> PodProfile:
    merged: dict[str, Any] = {}
    for _, layer in layers:
        merged = _merge(merged, layer)
    try:
        profile = PodProfile.model_validate(merged)
    except pydantic.ValidationError as error:
        raise _SectionError(_mistake(error, layers[-1][0])) from error
    if DATABASE_URL not in profile.secrets:
        raise _SectionError(f"{layers[-1][0]}: secrets has no {DATABASE_URL}, which every stage needs")
    return profile


def _merge(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Mappings are joined, key by key; everything else is replaced. `null` takes a value away."""
    merged = dict(below)
    for key, value in above.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, Mapping) and isinstance(merged.get(key), Mapping):
            merged[key] = _merge(merged[key], value)
        else:
            merged[key] = value
    return merged


def _mistake(error: pydantic.ValidationError, section: str = "") -> str:
    first = error.errors()[0]
    place = ".".join(str(each) for each in (section, *first["loc"]) if each != "" and each != "[key]")
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        message = "there is no such setting"
    return f"{place}: {message}" if place else message
