"""A model that an address names, `http://host:8000/v1#ID`, in the place of an entry in a file of models."""

from urllib.parse import urlsplit

from egoetl.core.models import FramePolicy, ModelSpec

SCHEMES = ("http://", "https://")
_SHOWN = FramePolicy(fps=1.0, pictures="images", sound="none")
"""What any endpoint that takes pictures takes. One that hears, or that wants a key, has an entry in a file of models."""


def is_address(name: str) -> bool:
    """Whether a model's name is an address."""
    return name.startswith(SCHEMES)


def problem_of(name: str) -> str:
    """What is wrong with an address; empty where nothing is."""
    parts = urlsplit(name)
    if not parts.fragment:
        return "it does not say which model: write URL#ID@REVISION, such as http://host:8000/v1#my-model@2026-11"
    if not parts.hostname or "@" in parts.netloc or parts.query:
        return "it is not like http://host:8000/v1#my-model@2026-11; an endpoint that wants a key has an entry in the file of models"
    return ""


def model_at(name: str, revision: str) -> ModelSpec:
    """The model that an address without a problem names."""
    endpoint, _, model = name.partition("#")
    return ModelSpec(name=name, model=model, revision=revision, endpoint=endpoint, look=_SHOWN)
