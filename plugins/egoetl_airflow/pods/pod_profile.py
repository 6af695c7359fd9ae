"""What one kind of pod asks of the cluster: the typed values of a section of the pod settings."""

import re
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from egoetl.core.records import Record
from egoetl_airflow.pods.kubernetes_names import AbsolutePath, LabelKey, LabelValue, ObjectName, SecretKey, Variable
from egoetl_airflow.pods.quantity import Bytes, Cores, amount

_SECRET = re.compile(r"password|passwd|secret|token|api_?key|credential|access_key|database_(owner_)?url", re.IGNORECASE)
_CREDENTIALS = re.compile(r"://[^/@\s]*:[^/@\s]+@")
OWN_LABELS = "egoetl.io/"


class Gpu(Record):
    """GPUs of one kind. They are only ever limits, which Kubernetes takes as the request too."""

    resource: LabelKey = "nvidia.com/gpu"
    count: Annotated[int, Field(ge=1)] = 1


class Toleration(Record):
    """A taint that the pod may be scheduled in spite of."""

    key: LabelKey | None = None
    operator: Literal["Equal", "Exists"] = "Equal"
    value: LabelValue | None = None
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = None
    seconds: Annotated[int, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _means_something(self) -> Self:
        if self.operator == "Exists" and self.value is not None:
            raise ValueError("a toleration with operator Exists has no value")
        if self.operator == "Equal" and self.key is None:
            raise ValueError("a toleration with operator Equal needs a key")
        if self.seconds is not None and self.effect != "NoExecute":
            raise ValueError("a toleration has seconds only with effect NoExecute")
        return self


class ModelCache(Record):
    """Where model weights lie, so that not every pod downloads them: a claim or a folder of the node, one of the two."""

    claim: ObjectName | None = None
    host_path: AbsolutePath | None = None
    mount: AbsolutePath = "/models"
    read_only: bool = False

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.claim is None) == (self.host_path is None):
            raise ValueError("a model cache is either a claim or a host_path")
        return self


class SecretReference(Record):
    """A key of a Kubernetes secret. The pod's specification has this and never the value."""

    secret: ObjectName
    key: SecretKey


class ModelFile(Record):
    """A key of a config map that holds the file of models: it is mounted, and EGOETL_MODELS names it."""

    config_map: ObjectName
    key: SecretKey = "models.toml"


class PodProfile(Record):
    """One kind of pod, whole: the defaults with what a role or a stage changes."""

    image: Annotated[str, Field(pattern=r"^[^\s]+$")]
    command: Annotated[tuple[str, ...], Field(min_length=1)] = ("egoetl",)
    image_pull_policy: Literal["IfNotPresent", "Always", "Never"] = "IfNotPresent"
    image_pull_secrets: tuple[ObjectName, ...] = ()
    service_account: ObjectName = "egoetl-worker"
    cpu: Cores = "1"
    cpu_limit: Cores | None = None
    memory: Bytes = "2Gi"
    memory_request: Bytes | None = None
    scratch: Bytes = "10Gi"
    shared_memory: Bytes | None = None
    gpu: Gpu | None = None
    node_selector: dict[LabelKey, LabelValue] = Field(default_factory=dict)
    tolerations: tuple[Toleration, ...] = ()
    priority_class: ObjectName | None = None
    runtime_class: ObjectName | None = None
    model_cache: ModelCache | None = None
    model_file: ModelFile | None = None
    run_as_user: Annotated[int, Field(ge=1)] | None = None
    group: Annotated[int, Field(ge=1)] | None = None
    environment: dict[Variable, str] = Field(default_factory=dict)
    secrets: dict[Variable, SecretReference] = Field(default_factory=dict)
    labels: dict[LabelKey, LabelValue] = Field(default_factory=dict)
    annotations: dict[LabelKey, str] = Field(default_factory=dict)
    grace_seconds: Annotated[int, Field(ge=5)] = 60

    @field_validator("environment", mode="before")
    @classmethod
    def _as_text(cls, environment: object) -> object:
        if not isinstance(environment, dict):
            return environment
        return {
            name: str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
            for name, value in environment.items()
        }

    @model_validator(mode="after")
    def _limits_hold_requests(self) -> Self:
        if self.cpu_limit is not None and amount(self.cpu_limit) < amount(self.cpu):
            raise ValueError(f"cpu_limit {self.cpu_limit} is below cpu {self.cpu}")
        if self.memory_request is not None and amount(self.memory_request) > amount(self.memory):
            raise ValueError(f"memory_request {self.memory_request} is above memory {self.memory}")
        if self.shared_memory is not None and amount(self.shared_memory) > amount(self.memory):
            raise ValueError(f"shared_memory {self.shared_memory} is above memory {self.memory}, which it counts against")
        return self

    @model_validator(mode="after")
    def _keeps_secrets_out(self) -> Self:
        for name, value in self.environment.items():
            if _SECRET.search(name) or _CREDENTIALS.search(value):
                raise ValueError(f"environment {name} looks like a secret; put it into a Kubernetes secret and name that under secrets")
            if name in self.secrets:
                raise ValueError(f"{name} is in environment and in secrets")
        if own := [key for key in (*self.labels, *self.annotations) if key.startswith(OWN_LABELS)]:
            raise ValueError(f"{own[0]} is one of egoetl's own labels")
        return self


class Queueing(Record):
    """How long a pod may wait for what the cluster does not have at the moment."""

    quota_seconds: Annotated[float, Field(gt=0)] = 6 * 3600
    schedule_seconds: Annotated[float, Field(gt=0)] = 6 * 3600
    image_seconds: Annotated[float, Field(gt=0)] = 600
    start_seconds: Annotated[float, Field(gt=0)] = 1800
