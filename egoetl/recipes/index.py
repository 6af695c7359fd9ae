"""Recipes by name. Each is imported only when asked for, so that one that is broken cannot hide the others."""

from importlib import import_module

from egoetl.core.errors import CallerError
from egoetl.core.recipe import Recipe

_RECIPES = {"egoavu": ("egoetl.recipes.egoavu", "EGOAVU")}


def names() -> tuple[str, ...]:
    """The names of all recipes; imports none of them."""
    return tuple(sorted(_RECIPES))


def load(name: str) -> Recipe:
    """The recipe of that name. Raises CallerError `recipe_unknown`."""
    if name not in _RECIPES:
        raise CallerError(f"There is no recipe {name!r}; there are: {', '.join(names())}.", reason="recipe_unknown")
    module, variable = _RECIPES[name]
    recipe: Recipe = getattr(import_module(module), variable)
    return recipe
