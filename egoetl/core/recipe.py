"""A recipe: a checked, frozen list of stages with their parameters and model roles. Data; it calls nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal, cast, get_args, get_origin, get_type_hints

import pydantic
from pydantic import Field

from egoetl.core.content_key import StageConfig, sha256_of
from egoetl.core.errors import CallerError, ConfigError
from egoetl.core.items import Item
from egoetl.core.model_file import MEASURED, Choice
from egoetl.core.prompt import Prompt
from egoetl.core.records import Record, UnitKind, UnitRecord
from egoetl.core.stage import Params, Stage

Relation = Literal["own", "clip", "gather"]
ENGINES = ("measured", "models", "replay")
"""Who answers for the roles that no `role.ROLE` names: `measured` measures, `models` are the installation's defaults, `replay` plays
a recorded build back."""
ROLE = "role"
"""What a setting that binds a role begins with: `--set role.ROLE=VALUE`."""
MODEL = "model"
"""The engine of a role that is bound to a model."""
REPLAY = "replay"
"""The engine of a role whose model's recorded replies are played back; `role.ROLE=replay:ID@REVISION` once a build is planned."""
SAMPLING = ("temperature", "top_p", "max_tokens")
"""What of a role's binding is sampling: part of its stages' content keys, and set with `--set ROLE.NAME=VALUE`."""


class RoleBinding(Record):
    """Which engine answers for a role, as which model, and how it samples.

    For the engine `model`, `model` is what the setting names: a model of the catalogue, an id of the hub or a folder.
    """

    engine: str = "measured"
    model: str = ""
    revision: str = ""
    temperature: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    top_p: float = Field(default=1.0, gt=0, le=1)
    max_tokens: int = Field(default=512, ge=1)


@dataclass(frozen=True)
class Source:
    """Where one field of an item comes from.

    `own`: the result of `stages` for the unit itself; `clip`: for the unit's clip; `gather`: one `item` for
    each segment of the clip, whose own fields come from `fields`.
    """

    field: str
    relation: Relation
    stages: frozenset[str]
    record: type[Record]
    fields: tuple["Source", ...] = ()


@dataclass(frozen=True)
class Recipe:
    """One kind of dataset build.

    `floor` is the least yield at which a version is published; `max_tries` bounds the attempts that a
    passing trouble may cost a unit; `folds` run over the whole dataset after the last stage; `source_licences` is what a
    version's card says of the source videos' licences. `question_similarity` is the share of word pairs in common from which
    two questions are near duplicates, of which a version keeps one; `yes_no_surplus` is by how many a yes/no task may have
    more of one answer than of the other in a split. `joint_tasks` are runs of consecutive stages that Airflow runs as one task,
    under the first one's name, so that a stage that is usually off costs no task of its own. `roles` are the bindings of the
    recipe itself, and `model_roles` say how a role samples that a build binds to a model. `evaluates` is the benchmark that the
    recipe asks the questions of, and `trained_on` the dataset version, `DATASET@NUMBER`, that the model was trained on, if known.
    """

    name: str
    version: int
    stages: tuple[Stage, ...]
    roles: Mapping[str, RoleBinding]
    params: Mapping[str, Params] = field(default_factory=lambda: MappingProxyType({}))
    dataset: str = ""
    seed: int = 42
    floor: float = 1.0
    max_tries: int = 3
    clips_per_shard: int = 4
    test_percent: int = 10
    source_licences: str = ""
    question_similarity: float = 0.9
    yes_no_surplus: int = 0
    evaluates: str = ""
    trained_on: str = ""
    folds: tuple[str, ...] = ("publish", "gate")
    joint_tasks: tuple[tuple[str, ...], ...] = ()
    model_roles: Mapping[str, RoleBinding] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        names = [each.name for each in self.stages]
        if len(set(names)) != len(names):
            raise ConfigError(f"Recipe {self.name} names a stage twice: {', '.join(names)}.", reason="recipe_stage_twice")
        for each in self.stages:
            if missing := [role for role in each.roles if role not in self.roles]:
                raise ConfigError(
                    f"Recipe {self.name} binds no model to role {missing[0]!r} of stage {each.name}.", reason="recipe_role_unbound"
                )
            if each.unit == "row" and each.fingerprint is None:
                raise ConfigError(
                    f"Stage {each.name} of recipe {self.name} works on manifest rows without a fingerprint of their files; give it one.",
                    reason="recipe_fingerprint_missing",
                )
            self.sources(each)
        for name, params in self.params.items():
            if not isinstance(params, self.stage(name).params):
                raise ConfigError(f"Recipe {self.name} gives stage {name} parameters of another stage.", reason="recipe_params_mismatch")
        if [each.name for task in self.tasks() for each in task] != names:
            raise ConfigError(
                f"Recipe {self.name} joins stages into a task that do not follow each other, or one stage into two tasks.",
                reason="recipe_task_torn",
            )

    def stage(self, name: str) -> Stage:
        """The stage of that name. Raises CallerError."""
        for each in self.stages:
            if each.name == name:
                return each
        known = ", ".join(each.name for each in self.stages)
        raise CallerError(f"Recipe {self.name} has no stage {name!r}; it has {known}.", reason="stage_unknown")

    def tasks(self) -> tuple[tuple[Stage, ...], ...]:
        """The stages as Airflow runs them: each alone, or with those that it is joined with."""
        first = {each[0]: each for each in self.joint_tasks}
        joined = {name for each in self.joint_tasks for name in each[1:]}
        return tuple(tuple(map(self.stage, first.get(each.name, (each.name,)))) for each in self.stages if each.name not in joined)

    def params_of(self, stage: Stage) -> Params:
        """The stage's parameters: its defaults unless the recipe or `--set` says otherwise."""
        return self.params.get(stage.name) or stage.params()

    def sources(self, stage: Stage) -> tuple[Source, ...]:
        """Where each field of the stage's item comes from. Raises ConfigError `no_maker`."""
        if stage.unit == "row":
            return ()
        if stage.name not in self._known_sources:
            earlier = self.stages[: self.stages.index(stage)]
            given = stage.given(self.params_of(stage))
            self._known_sources[stage.name] = _sources(f"stage {stage.name} of recipe {self.name}", given, earlier)
        return self._known_sources[stage.name]

    def upstream(self, stage: Stage) -> frozenset[str]:
        """All stages that the stage's results depend on, directly or not."""
        if stage.name not in self._known_upstream:
            direct = frozenset(name for source in self.sources(stage) for name in source.stages)
            self._known_upstream[stage.name] = direct.union(*(self.upstream(self.stage(name)) for name in direct))
        return self._known_upstream[stage.name]

    @cached_property
    def _known_sources(self) -> dict[str, tuple[Source, ...]]:
        return {}

    @cached_property
    def _known_upstream(self) -> dict[str, frozenset[str]]:
        # Without it every path through the recipe would be walked, and their number grows with each QA task.
        return {}

    def nearest(self, names: Iterable[str]) -> set[str]:
        """Of these stages, those whose results are not already inputs of another of them."""
        names = set(names)
        return {name for name in names if not any(name in self.upstream(self.stage(other)) for other in names - {name})}

    def emitters(self, kind: str) -> tuple[str, ...]:
        """The stages whose results bring units of this kind into being."""
        return tuple(each.name for each in self.stages if (unit := _emits(each.output)) is not None and unit.kind == kind)

    def config(
        self, stage: Stage, models: Mapping[str, str], decoder: str, asked: Mapping[str, Mapping[str, Any]] | None = None
    ) -> StageConfig:
        """Everything but its inputs that the stage's results depend on.

        `models` maps role to `id@revision`, and `asked` role to what else a model's replies depend on: how it is shown a
        segment, and by which rules its replies are judged.
        """
        asked = asked or {}
        return StageConfig(
            stage=stage.name,
            version=stage.version,
            params=self.params_of(stage).model_dump(mode="json"),
            prompts={each.name: each.sha256 for each in stage.prompts},
            schemas={each.__name__: sha256_of(each.model_json_schema()) for each in stage.schemas},
            models={role: models[role] for role in stage.roles},
            sampling={role: {**self.roles[role].model_dump(include=set(SAMPLING)), **asked.get(role, {})} for role in stage.roles},
            seed=self.seed,
            decoder=decoder if stage.decodes else None,
        )

    def with_settings(self, settings: Mapping[str, str]) -> "Recipe":
        """A copy with `stage.parameter`, `role.sampling` or recipe settings replaced, each parsed as its field's type.

        `role.ROLE` binds a role first, and so says what the role samples with unless another setting does.

        Raises:
            CallerError: there is no such setting (`setting_unknown`), or the value is not one of its type (`setting_invalid`).
        """
        recipe, names = self, {each.name for each in self.stages}
        for name, text in sorted(settings.items(), key=lambda each: not each[0].startswith(f"{ROLE}.")):
            head, dot, parameter = name.partition(".")
            if head == ROLE:
                recipe = _bind(recipe, parameter, text)
                continue
            # A role may have a stage's name; no stage has a parameter of a sampling's name.
            if head in recipe.roles and (parameter in SAMPLING or head not in names):
                recipe = _set_sampling(recipe, head, parameter, text)
            else:
                recipe = _set_parameter(recipe, head, parameter, text) if dot else _set_own(recipe, head, text)
        return recipe

    def with_engine(self, engine: str) -> "Recipe":
        """A copy in which one engine answers for every role."""
        return replace(self, roles={role: binding.model_copy(update={"engine": engine}) for role, binding in self.roles.items()})

    def with_prompt(self, stage: str, prompt: Prompt) -> "Recipe":
        """A copy in which a stage uses another text for its prompt of that name, or for its only one. Raises CallerError."""
        old = self.stage(stage)
        names = [each.name for each in old.prompts]
        name = names[0] if len(names) == 1 else prompt.name
        if name not in names:
            raise CallerError(f"Stage {stage} has no prompt {name!r}; it has {', '.join(names) or 'none'}.", reason="prompt_unknown")
        new = replace(old, prompts=tuple(Prompt(name, prompt.text) if each.name == name else each for each in old.prompts))
        return replace(self, stages=tuple(new if each.name == stage else each for each in self.stages))


_OWN_SETTINGS: dict[str, type] = {
    "dataset": str,
    "seed": int,
    "floor": float,
    "max_tries": int,
    "clips_per_shard": int,
    "test_percent": int,
    "source_licences": str,
    "question_similarity": float,
    "yes_no_surplus": int,
    "trained_on": str,
}


def _set_own(recipe: Recipe, name: str, text: str) -> Recipe:
    if name not in _OWN_SETTINGS:
        raise CallerError(
            f"--set {name}: recipe {recipe.name} has no such setting; use STAGE.PARAMETER or one of {', '.join(_OWN_SETTINGS)}.",
            reason="setting_unknown",
        )
    try:
        value = pydantic.TypeAdapter(_OWN_SETTINGS[name]).validate_python(text)
    except pydantic.ValidationError as error:
        raise CallerError(f"--set {name}={text}: {error.errors()[0]['msg']}.", reason="setting_invalid") from error
    return replace(recipe, **{name: value})


def _bind(recipe: Recipe, role: str, text: str) -> Recipe:
    """Bind a role to what `--set role.ROLE=VALUE` names. Whether there is such a model is known by who asks it."""
    if role not in recipe.roles:
        raise CallerError(
            f"--set {ROLE}.{role}: recipe {recipe.name} has no such role; it has {', '.join(recipe.roles)}.", reason="role_unknown"
        )
    if text == MEASURED:
        return replace(recipe, roles={**recipe.roles, role: recipe.roles[role].model_copy(update={"engine": MEASURED})})
    own = recipe.model_roles.get(role, RoleBinding(temperature=0.2, top_p=0.9))
    engine, value = (REPLAY, text.removeprefix(REPLAY).removeprefix(":")) if text.partition(":")[0] == REPLAY else (MODEL, text)
    model, revision = Choice.of(value)
    binding = own.model_copy(update={"engine": engine, "model": model, "revision": revision})
    return replace(recipe, roles={**recipe.roles, role: binding})


def _set_sampling(recipe: Recipe, role: str, name: str, text: str) -> Recipe:
    if name not in SAMPLING:
        raise CallerError(f"--set {role}.{name}: what a role samples with is {', '.join(SAMPLING)}.", reason="setting_unknown")
    try:
        binding = RoleBinding.model_validate({**recipe.roles[role].model_dump(), name: text}, strict=False)
    except pydantic.ValidationError as error:
        raise CallerError(f"--set {role}.{name}={text}: {error.errors()[0]['msg']}.", reason="setting_invalid") from error
    return replace(recipe, roles={**recipe.roles, role: binding})


def _set_parameter(recipe: Recipe, stage_name: str, parameter: str, text: str) -> Recipe:
    stage = recipe.stage(stage_name)
    if parameter not in stage.params.model_fields:
        known = ", ".join(stage.params.model_fields) or "none"
        raise CallerError(f"--set {stage_name}.{parameter}: the stage's parameters are {known}.", reason="setting_unknown")
    try:
        params = stage.params.model_validate({**recipe.params_of(stage).model_dump(), parameter: text}, strict=False)
    except pydantic.ValidationError as error:
        raise CallerError(f"--set {stage_name}.{parameter}={text}: {error.errors()[0]['msg']}.", reason="setting_invalid") from error
    return replace(recipe, params={**recipe.params, stage_name: params})


def _sources(where: str, item: type[Item], earlier: tuple[Stage, ...]) -> tuple[Source, ...]:
    return tuple(_source(where, item.unit, earlier, name, hint) for name, hint in get_type_hints(item).items() if name in item.model_fields)


def _source(where: str, unit: UnitKind, earlier: tuple[Stage, ...], name: str, hint: Any) -> Source:
    if get_origin(hint) is tuple:
        (gathered, _) = get_args(hint)
        fields = _sources(f"{where} (gathering {gathered.__name__})", gathered, earlier)
        return Source(name, "gather", frozenset[str]().union(*(each.stages for each in fields)), gathered, fields)
    makers = [each for each in earlier if hint in (each.output, _emits(each.output))]
    record = cast("type[Record]", hint)
    if not makers:
        raise ConfigError(f"{where} needs {name}: {record.__name__}; put a stage that makes one before it.", reason="no_maker")
    if len(makers) > 1 and not issubclass(record, UnitRecord):
        names = ", ".join(each.name for each in makers)
        raise ConfigError(f"{where} needs one {record.__name__}, and {names} make one each; leave one of them.", reason="two_makers")
    kinds = {record.kind} if issubclass(record, UnitRecord) else {each.unit for each in makers}
    return Source(name, "own" if kinds == {unit} else "clip", frozenset(each.name for each in makers), record)


def _emits(output: type[Record]) -> type[UnitRecord] | None:
    """The unit record that a stage's output brings into being, read from its `emitted` method."""
    emitted = getattr(output, "emitted", None)
    if emitted is None:
        return None
    if issubclass(output, UnitRecord):
        return output
    (unit, _) = get_args(emitted.__annotations__["return"])
    return unit
