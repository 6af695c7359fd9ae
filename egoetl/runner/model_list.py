"""The models of an installation as a table."""

from egoetl.core.model_file import Catalogue, Choice
from egoetl.core.models import FramePolicy, ModelSpec
from egoetl.core.records import Record


class ListedModel(Record):
    """One line of `egoetl models`. `reached` is an endpoint's address, or `vLLM on N GPUs`; `look` is empty for a model of text."""

    name: str
    roles: tuple[str, ...]
    model: str
    revision: str
    reached: str
    look: str


def listed(catalogue: Catalogue) -> list[ListedModel]:
    """The models by name, each with the roles that it answers for by default."""
    return [
        ListedModel(
            name=name,
            roles=tuple(role for role, value in catalogue.roles.items() if Choice.of(value).model == name),
            model=spec.model,
            revision=spec.revision or "of its files",
            reached=_reached(spec),
            look=_looks(spec.look) if spec.look else "",
        )
        for name, spec in catalogue.models.items()
    ]


def _reached(spec: ModelSpec) -> str:
    if spec.endpoint is not None:
        return spec.endpoint
    gpus = spec.launch.gpus if spec.launch is not None else 0
    return f"vLLM on {gpus} GPU{'s' * (gpus > 1)}" if gpus else "vLLM on the CPU"


def _looks(look: FramePolicy) -> str:
    sound = {"none": "", "separate": " and sound", "interleaved": " with sound in time"}[look.sound]
    return f"up to {look.max_frames} pictures{sound}"
