"""The engines of one command: one for each model, made when first asked for, kept over all stages, closed together."""

import asyncio
import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from egoetl.core.errors import CallerError, ConfigError
from egoetl.core.model_file import MEASURED
from egoetl.core.models import ModelSpec
from egoetl.core.ports import Engine
from egoetl.core.recipe import ENGINES, MODEL, REPLAY, RoleBinding
from egoetl.core.settings import Settings
from egoetl.runner.devices import Devices
from egoetl.runner.models import Models

if TYPE_CHECKING:
    from egoetl.engines.vllm_server.server import VllmServer

_log = logging.getLogger(__name__)


class _Made(NamedTuple):
    """An engine, and the model that it asks."""

    engine: Engine
    spec: ModelSpec | None


@dataclass
class Engines:
    """Engines by what a role is bound to. Two roles of one model share its engine, and so its server."""

    settings: Settings
    models: Models
    devices: Devices = field(default_factory=Devices.here)
    _made: dict[str, _Made] = field(default_factory=dict[str, _Made])

    def of(self, binding: RoleBinding) -> Engine:
        """The engine that answers for a binding; nothing is started before it is asked.

        Raises CallerError `engine_unknown`, and ConfigError as `Models.spec_of` does.
        """
        if binding.engine == MEASURED:
            return self._kept(MEASURED, None)
        if binding.engine == MODEL:
            spec = self.models.spec_of(binding)
            return self._kept(spec.identity, spec)
        if binding.engine == REPLAY and binding.model:
            return self._replaying(self.models.spec_of(binding))
        if binding.engine in ENGINES:
            raise ConfigError(f"A role is bound to no model, and {binding.engine} answers for none by itself.", reason="role_without_model")
        raise CallerError(f"There is no engine {binding.engine!r}; there is {', '.join(ENGINES)}.", reason="engine_unknown")

    async def make_ready(self, bindings: Iterable[RoleBinding]) -> None:
        """See to it that the models of these bindings can be asked: their checkpoints are what was planned, and GPUs are free.

        Where GPUs are short, servers of other models end; they start again when they are asked. Raises ConfigError
        `model_revision_differs`.
        """
        specs = {spec.identity: spec for spec in (self.models.spec_of(each) for each in bindings if each.engine == MODEL)}
        for spec in specs.values():
            await asyncio.to_thread(self.models.check_checkpoint, spec)
        if self.devices.lacks(list(specs.values())):
            others = [each for name, each in self._made.items() if name not in specs]
            await self._end(others)

    async def close(self) -> None:
        """End every connection and server. A trouble in ending one does not keep the others."""
        made, self._made = list(self._made.values()), {}
        await self._end(made)

    async def _end(self, made: list[_Made]) -> None:
        ended = await asyncio.gather(*(each.engine.close() for each in made), return_exceptions=True)
        for (_, spec), trouble in zip(made, ended, strict=True):
            if isinstance(trouble, Exception):
                _log.warning("An engine did not end as it should: %s", trouble)
            if spec is not None:
                self.devices.give_back(spec)

    def _kept(self, name: str, spec: ModelSpec | None) -> Engine:
        if name not in self._made:
            self._made[name] = _Made(_measured() if spec is None else self._asking(spec), spec)
        return self._made[name].engine

    def _replaying(self, spec: ModelSpec) -> Engine:
        """Not kept: it holds nothing that would have to end."""
        from egoetl.engines.replay.engine import ReplayEngine

        return ReplayEngine(spec.identity, self.models.recorded.read)

    def _asking(self, spec: ModelSpec) -> Engine:
        if spec.launch is None:
            from egoetl.engines.chat.engine import ChatEngine

            return ChatEngine(spec, patience_seconds=self.settings.patience_seconds)
        from egoetl.engines.vllm_server.engine import VllmEngine

        return VllmEngine(spec, partial(self._server, spec), self.models.tell)

    def _server(self, spec: ModelSpec) -> "VllmServer":
        from egoetl.engines.vllm_server.server import VllmServer

        devices, log = self.devices.take(spec), _log_file(self.settings.home, spec)
        return VllmServer(spec, python=self.settings.vllm_python, devices=devices, log=log, tell=self.models.tell)


class RoleEngines(Mapping[str, Engine]):
    """The engine of each role, made when a stage first looks for it: a stage that asks no model needs none of their settings."""

    def __init__(self, engines: Engines, roles: Mapping[str, RoleBinding]) -> None:
        self._engines, self._roles = engines, roles

    def __getitem__(self, role: str) -> Engine:
        return self._engines.of(self._roles[role])

    def __iter__(self) -> Iterator[str]:
        return iter(self._roles)

    def __len__(self) -> int:
        return len(self._roles)


def _measured() -> Engine:
    from egoetl.engines.measured.engine import MeasuredEngine, standard_answers
    from egoetl.qa.index import measured_answers

    return MeasuredEngine(lambda: {**standard_answers(), **measured_answers()})


def _log_file(home: Path, spec: ModelSpec) -> Path | None:
    """Where a server's lines are kept; None where nothing can be written, as in a pod, whose log has the lines that matter."""
    folder = home / "logs"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder / f"vllm-{Path(spec.name).name}.log"
