"""What is announced: for each dataset, that videos have arrived for it, and that a version has passed its gate."""

from airflow.sdk import Asset

from egoetl.core.recipe import Recipe


def dataset_of(recipe: Recipe) -> str:
    """The name of the dataset that a recipe builds."""
    return recipe.dataset or recipe.name


def arrivals_asset(recipe: Recipe) -> Asset:
    """What has arrived for the recipe's dataset. Its events carry `{"source": address, "videos": number, "nights": [...]}`."""
    name = dataset_of(recipe)
    return Asset(name=f"arrivals {name}", uri=f"egoetl://arrivals/{name}", group="egoetl")


def dataset_asset(recipe: Recipe) -> Asset:
    """The recipe's dataset. Its events carry `{"build": name}`."""
    name = dataset_of(recipe)
    return Asset(name=f"dataset {name}", uri=f"egoetl://dataset/{name}", group="egoetl")
