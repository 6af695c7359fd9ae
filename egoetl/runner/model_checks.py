"""Checks of the models that answer by default: the file of models, and for each role whether its model can be reached from here."""

import asyncio
from collections.abc import Iterator
from functools import partial

from egoetl.core.errors import ConfigError
from egoetl.core.model_file import Catalogue, load_catalogue
from egoetl.core.models import ModelSpec
from egoetl.core.settings import Settings
from egoetl.runner.check import Check, tried
from egoetl.runner.devices import Devices
from egoetl.runner.tools import Tools

JUDGE = "judge"


def model_checks(tools: Tools, settings: Settings) -> Iterator[Check]:
    """The catalogue; then each role's default, where models answer by default."""
    catalogue = tried("models", lambda: f"{len(tools.models.catalogue.models)} in {', '.join(tools.models.catalogue.files)}")
    yield catalogue
    if not catalogue.ok or tools.models.catalogue.default_engine(settings.engine) != "models":
        return
    for role in _wanted(tools.models.catalogue):
        yield tried(f"role {role}", partial(_reached, tools, settings, role))


def _wanted(catalogue: Catalogue) -> Iterator[str]:
    """The roles that builds ask. A judge is asked only where an evaluation wants one: it is checked where a file names one of its own."""
    built_in = load_catalogue(None).roles
    yield from (role for role, value in catalogue.roles.items() if role != JUDGE or value != built_in[JUDGE])


def _reached(tools: Tools, settings: Settings, role: str) -> str:
    """How the role's model is reached. A checkpoint's files are not read: that may take long."""
    spec = tools.models.default_of(role)
    if spec is None:
        return "measured, no model"
    if spec.launch is not None:
        return _launched(spec, settings)
    from egoetl.engines.chat.reaching import reach

    return f"{spec.identity} at {asyncio.run(reach(spec, patience_seconds=settings.patience_seconds))}"


def _launched(spec: ModelSpec, settings: Settings) -> str:
    from egoetl.engines.vllm_server.executable import vllm_of

    command, wanted, found = vllm_of(settings.vllm_python), spec.launch.gpus if spec.launch else 0, Devices.here().count
    if wanted > found:
        raise ConfigError(
            f"{spec.name} takes {wanted} GPUs and this machine has {found}; that matters where its stages run: there, see its `launch`.",
            reason="gpus_missing",
        )
    return f"{spec.identity} by {command} on {f'{wanted} GPUs' if wanted else 'the CPU'}"
