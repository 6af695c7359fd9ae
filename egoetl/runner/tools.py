"""Bind settings to adapters: the one place that knows which store, ledger, decoder and engines there are."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from egoetl.core.errors import CallerError
from egoetl.core.ledger import AirflowTry, BuildSpec, Ledger
from egoetl.core.ports import Engine, Media, Store
from egoetl.core.prompt import Prompt
from egoetl.core.recipe import ENGINES, Recipe
from egoetl.core.settings import Settings

if TYPE_CHECKING:
    from egoetl.lineage.exports import Exports
    from egoetl.lineage.reports import Reports


@dataclass
class Tools:
    """Adapters, each made when first asked for, so that a command loads only what it uses."""

    settings: Settings
    prompts: Mapping[str, Prompt] = field(default_factory=dict[str, Prompt])
    """Stage name to a prompt that replaces the stage's own of that name; only `try` and tests set it."""

    @cached_property
    def store(self) -> Store:
        """The store that EGOETL_STORE_URL names."""
        from egoetl.storage.open import open_store

        return open_store(self.settings.store())

    @cached_property
    def ledger(self) -> Ledger:
        """The lineage database that EGOETL_DATABASE_URL names."""
        from egoetl.lineage.open import open_ledger

        return open_ledger(self.settings.database(), patience_seconds=self.settings.patience_seconds, airflow=AirflowTry.of(os.environ))

    @cached_property
    def reports(self) -> "Reports":
        """What lineage can tell."""
        from egoetl.lineage.reports import Reports

        return Reports(self.ledger)

    @cached_property
    def exports(self) -> "Exports":
        """What exports ask of lineage."""
        from egoetl.lineage.exports import Exports

        return Exports(self.ledger)

    @cached_property
    def media(self) -> Media:
        """The decoder."""
        from egoetl.media.pyav_media import PyAvMedia

        return PyAvMedia()

    def engines(self, recipe: Recipe) -> dict[str, Engine]:
        """An engine for each role. Raises CallerError `engine_unknown`."""
        made = {name: self._engine(name) for name in {binding.engine for binding in recipe.roles.values()}}
        return {role: made[binding.engine] for role, binding in recipe.roles.items()}

    def _engine(self, name: str) -> Engine:
        if name not in ENGINES:
            raise CallerError(f"There is no engine {name!r}; there is {', '.join(ENGINES)}.", reason="engine_unknown")
        from egoetl.engines.measured.engine import MeasuredEngine, standard_answers
        from egoetl.qa.index import measured_answers

        return MeasuredEngine(lambda: {**standard_answers(), **measured_answers()})

    def recipe_of(self, spec: BuildSpec) -> Recipe:
        """The recipe as a build asked for it."""
        from egoetl.recipes.index import load

        recipe = load(spec.recipe).with_engine(spec.engine).with_settings(spec.recipe_settings)
        for stage, prompt in self.prompts.items():
            recipe = recipe.with_prompt(stage, prompt)
        return recipe


def videos_root(spec: BuildSpec) -> Path:
    """The folder that a build's relative uris count from."""
    return Path(spec.videos)
