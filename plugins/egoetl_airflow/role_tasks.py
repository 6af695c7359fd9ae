"""Which stages Airflow runs as one task: those that the recipe joins, and those whose model the task must serve itself.

A server that egoetl starts takes minutes to load weights, so consecutive stages of the same launched models are one task. A DAG's
shape is fixed when it is parsed: it follows the models that answer by default, not those of a run's form.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from egoetl.core.model_file import Choice, load_catalogue
from egoetl.core.recipe import Recipe
from egoetl.core.settings import load_settings
from egoetl.core.stage import Stage

Stages = tuple[Stage, ...]


@dataclass(frozen=True)
class RoleTask:
    """The stages of one task, and how many GPUs the servers that it starts take; None where it starts none."""

    name: str
    stages: Stages
    gpus: int | None = None


def role_tasks(recipe: Recipe) -> tuple[RoleTask, ...]:
    """The tasks of a shard, in order. Raises ConfigError where the file of models is not usable."""
    settings = load_settings()
    catalogue = load_catalogue(settings.models)
    values = catalogue.roles if catalogue.default_engine(settings.engine) == "models" else {}
    if recipe.evaluates:
        # Models always answer an evaluation, and those of its form are not known yet; the built-in judge need not be asked.
        values = {role: value for role, value in catalogue.roles.items() if role in catalogue.named_roles}
    launched = {role: Choice.of(value).model for role, value in values.items() if catalogue.reached(value) == "launched"}
    gpus = {launched[role]: catalogue.gpus(values[role]) for role in launched}
    return tuple(
        RoleTask(_name(tasks), tuple(stage for task in tasks for stage in task), sum(gpus[model] for model in models) if models else None)
        for models, tasks in _grouped(recipe.tasks(), launched)
    )


def _grouped(tasks: tuple[Stages, ...], launched: dict[str, str]) -> Iterator[tuple[frozenset[str], list[Stages]]]:
    """Consecutive tasks of the same launched models together, with what asks no model between them; every other one alone."""
    models: frozenset[str] = frozenset()
    group: list[Stages] = []
    between: list[Stages] = []
    for task in tasks:
        roles = {role for stage in task for role in stage.roles}
        own = frozenset(launched[role] for role in roles if role in launched)
        if own and own == models:
            group, between = [*group, *between, task], []
        elif own or roles or not group:
            yield from _told(models, group, between)
            models, group, between = own, [task], []
        else:
            between.append(task)
    yield from _told(models, group, between)


def _told(models: frozenset[str], group: list[Stages], between: list[Stages]) -> Iterator[tuple[frozenset[str], list[Stages]]]:
    if models:
        yield models, group
    else:
        yield from ((models, [each]) for each in group)
    yield from ((frozenset[str](), [each]) for each in between)


def _name(tasks: list[Stages]) -> str:
    """The first stage's name, for several tasks in one also the last one's."""
    return tasks[0][0].name if len(tasks) == 1 else f"{tasks[0][0].name}_to_{tasks[-1][-1].name}"
