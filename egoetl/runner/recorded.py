"""The recording of an installation: who answered in the recorded build, and with which settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from egoetl.core.errors import ConfigError
from egoetl.core.model_file import MEASURED
from egoetl.core.models import ModelSpec
from egoetl.core.recipe import REPLAY, Recipe, RoleBinding
from egoetl.engines.replay.recording import SAMPLE_RECORDING, Recording, read_recording


@dataclass(frozen=True)
class Recorded:
    """A recording's file, read when it is first needed. Every method raises ConfigError as `read_recording` does."""

    file: Path = SAMPLE_RECORDING

    def read(self) -> Recording:
        """The recording."""
        return read_recording(self.file)

    def settings(self, recipe: Recipe, given: Mapping[str, str]) -> dict[str, str]:
        """The recorded build's settings, those given over them. Raises ConfigError `recording_of_other_recipe`."""
        header = self.read().header
        if header.recipe != recipe.name:
            raise ConfigError(
                f"The recording {self.file} is of recipe {header.recipe}, not of {recipe.name}; let EGOETL_RECORDING name another.",
                reason="recording_of_other_recipe",
            )
        return {**header.settings, **given}

    def pinned(self, role: str) -> str:
        """What the role is bound to: its recorded model, or the measured engine. Raises ConfigError `role_not_recorded`."""
        roles = self.read().header.roles
        if role not in roles:
            raise ConfigError(
                f"The recording {self.file} has nobody for role {role}; bind it to a model by --set role.{role}=MODEL.",
                reason="role_not_recorded",
            )
        found = roles[role]
        return MEASURED if found is None else f"{REPLAY}:{found.identity}"

    def spec_of(self, binding: RoleBinding) -> ModelSpec:
        """The model that a role is bound to. Raises ConfigError `recording_differs` where the recording has it not."""
        wanted = f"{binding.model}@{binding.revision}"
        for each in self.read().header.roles.values():
            if each is not None and each.identity == wanted:
                return each.spec
        raise ConfigError(
            f"The build plays {wanted} back, and the recording {self.file} does not have it; let EGOETL_RECORDING name the one that the "
            "build was planned with.",
            reason="recording_differs",
        )
