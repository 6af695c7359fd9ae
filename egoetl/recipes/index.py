"""Recipes by name. Each is imported only when asked for, so that one that is broken cannot hide the others."""

from importlib import import_module

from egoetl.benchmarks import index as benchmarks
from egoetl.core.errors import CallerError
from egoetl.core.recipe import Recipe

EVALUATION = "eval_"
"""What the name of a benchmark's recipe begins with."""
_RECIPES = {"egoavu": ("egoetl.recipes.egoavu", "EGOAVU")}


def names() -> tuple[str, ...]:
    """The names of all recipes that build datasets; imports none of them."""
    return tuple(sorted(_RECIPES))


def evaluations() -> tuple[str, ...]:
    """The names of the recipes that evaluate, one a benchmark; imports none of them."""
    return tuple(f"{EVALUATION}{name}" for name in benchmarks.names())


def load(name: str) -> Recipe:
    """The recipe of that name. Raises CallerError `recipe_unknown`."""
    if name in evaluations():
        return evaluation_of(name.removeprefix(EVALUATION))
    if name not in _RECIPES:
        there = ", ".join((*names(), *evaluations()))
        raise CallerError(f"There is no recipe {name!r}; there are: {there}.", reason="recipe_unknown")
    module, variable = _RECIPES[name]
    recipe: Recipe = getattr(import_module(module), variable)
    return recipe


def evaluation_of(benchmark: str) -> Recipe:
    """The recipe of a benchmark. Raises CallerError `benchmark_unknown`."""
    asked = benchmarks.load(benchmark)
    from egoetl.recipes.evaluation import evaluation_recipe

    return evaluation_recipe(asked)
