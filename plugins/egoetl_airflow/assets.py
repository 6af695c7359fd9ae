"""What builds announce: one asset per dataset, updated when a version passes its gate."""

from airflow.sdk import Asset

from egoetl.core.recipe import Recipe


def dataset_of(recipe: Recipe) -> str:
    """The name of the dataset that a recipe builds."""
    return recipe.dataset or recipe.name


def dataset_asset(recipe: Recipe) -> Asset:
    """The recipe's dataset. Its events carry `{"build": name}`."""
    name = dataset_of(recipe)
    return Asset(name=f"dataset {name}", uri=f"egoetl://dataset/{name}", group="egoetl")
