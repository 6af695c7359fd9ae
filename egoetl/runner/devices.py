"""The GPUs of this machine, shared out among the servers that one command starts: no two of them on one GPU."""

import os
from collections.abc import Mapping
from pathlib import Path

from egoetl.core.errors import ConfigError
from egoetl.core.models import ModelSpec

_VISIBLE = "CUDA_VISIBLE_DEVICES"


class Devices:
    """GPUs by name, and which server has them. Where none are known, servers take what their library finds."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names
        self._taken: dict[str, tuple[str, ...]] = {}

    @classmethod
    def here(cls, environment: Mapping[str, str] = os.environ, folder: Path = Path("/dev")) -> "Devices":
        """Those that CUDA_VISIBLE_DEVICES names, else all that the driver shows."""
        if _VISIBLE in environment:
            return cls(tuple(name.strip() for name in environment[_VISIBLE].split(",") if name.strip()))
        return cls(tuple(sorted((file.name.removeprefix("nvidia") for file in folder.glob("nvidia[0-9]*")), key=int)))

    @property
    def count(self) -> int:
        """How many there are; 0 also where the driver shows none."""
        return len(self._names)

    def lacks(self, specs: list[ModelSpec]) -> bool:
        """Whether there are too few free ones to start the servers of these models."""
        wanted = sum(each.launch.gpus for each in specs if each.launch is not None and each.identity not in self._taken)
        return bool(self._names) and wanted > len(self._free())

    def take(self, spec: ModelSpec) -> tuple[str, ...]:
        """The GPUs for a model's server, kept until `give_back`. Raises ConfigError `gpus_missing`."""
        wanted = spec.launch.gpus if spec.launch is not None else 0
        if not wanted or not self._names:
            return ()
        if spec.identity not in self._taken:
            free = self._free()
            if wanted > len(free):
                others = f", {len(self._names) - len(free)} of them taken by other models of this task" if self._taken else ""
                raise ConfigError(
                    f"Model {spec.name} takes {wanted} GPUs, and this machine has {len(self._names)}{others}; change `gpus` in the file "
                    "of models, give the task more, or bind the role to an endpoint.",
                    reason="gpus_missing",
                )
            self._taken[spec.identity] = free[:wanted]
        return self._taken[spec.identity]

    def give_back(self, spec: ModelSpec) -> None:
        """The model's server has ended."""
        self._taken.pop(spec.identity, None)

    def _free(self) -> tuple[str, ...]:
        taken = {name for names in self._taken.values() for name in names}
        return tuple(name for name in self._names if name not in taken)
