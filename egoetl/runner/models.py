"""The models of an installation: what a role's value stands for, pinned to the revision that it has now."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from egoetl.core.errors import CallerError, ConfigError
from egoetl.core.model_address import is_address, model_at, problem_of
from egoetl.core.model_file import MEASURED, Catalogue, Choice
from egoetl.core.models import FramePolicy, Launch, ModelSpec, Processor
from egoetl.core.recipe import ENGINES, REPLAY, ROLE, Recipe, RoleBinding
from egoetl.runner.checkpoints import check_folder, digest_of, model_type
from egoetl.runner.recorded import Recorded

_PROCESSORS: dict[str, Processor] = {"qwen2_5_omni": "qwen2.5-omni", "qwen2_5_vl": "qwen2.5-vl"}
"""A checkpoint's model_type to the processor of its pictures."""
_DRIVER = Path("/dev/nvidia0")


@dataclass(frozen=True)
class Models:
    """The catalogue, and the checkpoints of this machine."""

    catalogue: Catalogue
    home: Path
    tell: Callable[[str], None]
    recorded: Recorded = field(default_factory=Recorded)
    """What `replay` plays back."""

    def pin_roles(self, recipe: Recipe, engine: str, settings: Mapping[str, str]) -> dict[str, str]:
        """The settings of a build with its roles' models pinned, `role.ROLE=MODEL@REVISION`.

        Raises:
            CallerError: there is no such engine, role, model or folder, or an id has no revision.
            ConfigError: the same of what [roles] in the file of models names.
        """
        if engine not in ENGINES:
            raise CallerError(f"There is no engine {engine!r}; there is {', '.join(ENGINES)}.", reason="engine_unknown")
        recipe.with_settings(settings)
        if engine == REPLAY:
            settings = self.recorded.settings(recipe, settings)
        pinned = dict(settings)
        for role in recipe.roles:
            name = f"{ROLE}.{role}"
            if settings.get(name, engine) == REPLAY:
                pinned[name] = self.recorded.pinned(role)
            elif name in settings:
                pinned[name] = self._pinned(name, settings[name])
            elif engine == "models":
                pinned[name] = self._pinned_default(role)
        return pinned

    def spec_of(self, binding: RoleBinding) -> ModelSpec:
        """The model that a role is bound to, at the revision of the binding.

        Raises ConfigError: this installation knows no such model (`model_unknown`), or another revision of it
        (`model_revision_differs`).
        """
        if binding.engine == REPLAY:
            return self.recorded.spec_of(binding)
        name, revision = binding.model, binding.revision
        spec = self.catalogue.models.get(name)
        if spec is None:
            return self._unlisted(name, revision)
        if spec.revision and spec.revision != revision:
            raise ConfigError(
                f"The build asks for {name} at revision {revision}, and {self._files()} say {spec.revision}; "
                "run it where the file of models is the one that it was planned with, or plan a build anew.",
                reason="model_revision_differs",
            )
        return spec.model_copy(update={"revision": revision})

    def default_of(self, role: str) -> ModelSpec | None:
        """The role's default as far as it is known without reading a checkpoint's weights; None for `measured`.

        Raises ConfigError: there is no such model, or no such checkpoint.
        """
        value = self.catalogue.roles[role]
        choice = Choice.of(value)
        if value == MEASURED:
            return None
        if choice.model in self.catalogue.models:
            return self.catalogue.models[choice.model]
        try:
            name = str(check_folder(Path(value))) if _is_folder(value) else choice.model
        except CallerError as error:
            raise ConfigError(str(error), reason=error.reason) from error
        return self._unlisted(name, choice.revision or ("unread" if _is_folder(value) else ""))

    def check_checkpoint(self, spec: ModelSpec) -> None:
        """Raise ConfigError where a local checkpoint is not the one that the revision names. Reads its files unless they are known."""
        if spec.checkpoint is None or not self._by_digest(spec):
            return
        try:
            found = self._digest(Path(spec.checkpoint))
        except CallerError as error:
            raise ConfigError(str(error), reason=error.reason) from error
        if found != spec.revision:
            raise ConfigError(
                f"Checkpoint {spec.checkpoint} has the digest {found}, and the build was planned with {spec.revision}; "
                "put the files back, or plan a build anew.",
                reason="model_revision_differs",
            )

    def _by_digest(self, spec: ModelSpec) -> bool:
        """Whether the revision is made from the files; one that the file of models names is taken at its word."""
        listed = self.catalogue.models.get(spec.name)
        return listed is None or not listed.revision

    def _pinned_default(self, role: str) -> str:
        value = self.catalogue.roles.get(role)
        if value is None:
            raise ConfigError(
                f"[roles] in {self._files()} names no model for role {role}; add it there, or give --set {ROLE}.{role}=MODEL.",
                reason="role_without_model",
            )
        try:
            return self._pinned(f"{role} in [roles] of {self._files()}", value)
        except CallerError as error:
            raise ConfigError(str(error), reason=error.reason) from error

    def _pinned(self, where: str, value: str) -> str:
        if value == MEASURED or value.startswith(f"{REPLAY}:"):
            return value
        choice = Choice.of(value)
        if (spec := self.catalogue.models.get(choice.model)) is not None:
            return str(Choice(choice.model, self._listed_revision(where, spec, choice.revision)))
        if is_address(value):
            return self._pinned_address(where, choice)
        if _is_folder(value):
            folder = check_folder(Path(value))
            return str(Choice(str(folder), self._digest(folder)))
        if choice.revision and ("/" in choice.model or Path(choice.model).is_absolute()):
            return str(choice)
        if "/" in value:
            raise CallerError(
                f"{where}={value}: write {value}@REVISION, the commit of the hub that is meant; as a folder it is not there.",
                reason="revision_missing",
            )
        raise CallerError(
            f"{where}={value}: there is no such model; there is {MEASURED}, {', '.join(self.catalogue.models)}, the folder of a "
            "checkpoint, or ID@REVISION.",
            reason="model_unknown",
        )

    def _pinned_address(self, where: str, choice: Choice) -> str:
        unpinned = "" if choice.revision else "it has no revision: what tells this state of the model from the next"
        if problem := problem_of(choice.model) or unpinned:
            raise CallerError(f"{where}={choice}: {problem}.", reason="model_address_invalid")
        return str(choice)

    def _listed_revision(self, where: str, spec: ModelSpec, asked: str) -> str:
        revision = spec.revision or self._digest(check_folder(Path(str(spec.checkpoint))))
        if asked and asked != revision:
            raise CallerError(
                f"{where}={spec.name}@{asked}: {spec.name} is at revision {revision} here; leave the revision out, or give "
                f"{spec.model}@{asked}.",
                reason="model_revision_differs",
            )
        return revision

    def _unlisted(self, name: str, revision: str) -> ModelSpec:
        """A model that no file lists: an id of the hub, or the folder of a checkpoint, served on what this machine has."""
        if revision and is_address(name):
            return model_at(name, revision)
        if not revision or "/" not in name:
            raise ConfigError(
                f"The build asks for model {name!r}, which {self._files()} do not list; see EGOETL_MODELS.", reason="model_unknown"
            )
        launch = Launch(gpus=1 if _DRIVER.exists() else 0)
        if not Path(name).is_absolute():
            alike = next((each for each in self.catalogue.models.values() if each.model == name and each.launch is not None), None)
            base = alike or ModelSpec(name=name, model=name, revision=revision, launch=launch)
            return base.model_copy(update={"name": name, "revision": revision, "checkpoint": None})
        return ModelSpec(
            name=name, model=Path(name).name, revision=revision, checkpoint=name, launch=launch, look=self._look_of(Path(name))
        )

    def _look_of(self, folder: Path) -> FramePolicy | None:
        """How a checkpoint is shown a segment: as the catalogue's model of its architecture is."""
        try:
            processor = _PROCESSORS.get(model_type(folder))
        except CallerError as error:
            raise ConfigError(str(error), reason=error.reason) from error
        alike = self.catalogue.looking(processor) if processor else None
        return alike.look if alike else None

    def _digest(self, folder: Path) -> str:
        return digest_of(folder, self.home / "checkpoints.json", self.tell)

    def _files(self) -> str:
        return " and ".join(self.catalogue.files) or "the catalogue"


def _is_folder(value: str) -> bool:
    looks_like_one = value.startswith(("/", "./", "../", "~")) and not Choice.of(value).revision
    return looks_like_one or Path(value).expanduser().is_dir()
