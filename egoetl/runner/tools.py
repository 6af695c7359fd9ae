"""Bind settings to adapters: the one place that knows which store, ledger, decoder and engines there are."""

import os
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from egoetl.core.content_key import StageConfig
from egoetl.core.errors import CallerError
from egoetl.core.ledger import AirflowTry, BuildSpec, Ledger
from egoetl.core.media_port import Media
from egoetl.core.model_file import load_catalogue
from egoetl.core.models import ModelSpec
from egoetl.core.ports import Engine, FirstWrites, Store
from egoetl.core.prompt import Prompt
from egoetl.core.recipe import MODEL, REPLAY, Recipe
from egoetl.core.settings import Settings
from egoetl.core.sources import SourceRoot
from egoetl.core.stage import Stage
from egoetl.runner.engines import Engines, RoleEngines
from egoetl.runner.judging import JUDGING_VERSION
from egoetl.runner.models import Models
from egoetl.runner.recorded import Recorded

if TYPE_CHECKING:
    from egoetl.lineage.arrivals import Arrivals
    from egoetl.lineage.backfills import Backfills
    from egoetl.lineage.evaluations import Evaluations
    from egoetl.lineage.exports import Exports
    from egoetl.lineage.limits import Limits
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

        return open_store(self.settings, lambda: self.first_writes)

    @cached_property
    def ledger(self) -> Ledger:
        """The lineage database that EGOETL_DATABASE_URL names."""
        from egoetl.lineage.open import open_ledger

        patience, airflow = self.settings.patience_seconds, AirflowTry.of(os.environ)
        return open_ledger(self.settings.database(), patience_seconds=patience, airflow=airflow, limits=database_limits(self.settings))

    @cached_property
    def first_writes(self) -> FirstWrites:
        """Who creates a path of a store whose server cannot tell."""
        from egoetl.lineage.first_writes import PostgresFirstWrites

        return PostgresFirstWrites(self.ledger)

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
    def arrivals(self) -> "Arrivals":
        """What has arrived for datasets."""
        from egoetl.lineage.arrivals import Arrivals

        return Arrivals(self.ledger)

    @cached_property
    def backfills(self) -> "Backfills":
        """What backfills ask of lineage."""
        from egoetl.lineage.backfills import Backfills

        return Backfills(self.ledger)

    @cached_property
    def evaluations(self) -> "Evaluations":
        """What evaluations ask of lineage."""
        from egoetl.lineage.evaluations import Evaluations

        return Evaluations(self.ledger)

    @cached_property
    def media(self) -> Media:
        """The decoder."""
        from egoetl.media.pyav_media import PyAvMedia

        return PyAvMedia()

    def source(self, address: str) -> SourceRoot:
        """The videos below a folder or an S3 prefix."""
        from egoetl.storage.sources.open import open_source

        return open_source(address, self.settings)

    @contextmanager
    def manifest(self, address: str) -> Generator[Path]:
        """A local file with the bytes of a manifest, also of s3://bucket/key. Raises CallerError `manifest_unreadable`."""
        from egoetl.storage.sources.open import is_remote

        if not is_remote(address):
            yield Path(address)
            return
        folder, _, name = address.rpartition("/")
        root = self.source(folder)
        if (file := root.look(name)) is None:
            raise CallerError(
                f"Manifest {address} cannot be read: there is no such object; check the address.", reason="manifest_unreadable"
            )
        with root.whole(file) as whole:
            yield whole.file

    @cached_property
    def models(self) -> Models:
        """The models that there are, by the file that EGOETL_MODELS names and the built-in one. Raises ConfigError."""
        recorded = Recorded(self.settings.recording) if self.settings.recording else Recorded()
        return Models(load_catalogue(self.settings.models), self.settings.home, _to_standard_error, recorded)

    @cached_property
    def _engines(self) -> Engines:
        return Engines(self.settings, self.models)

    def engines(self, recipe: Recipe) -> Mapping[str, Engine]:
        """An engine for each role, made when it is looked up and kept until `close`. Looking up raises as `Engines.of` does."""
        return RoleEngines(self._engines, recipe.roles)

    async def make_ready(self, recipe: Recipe, stage: Stage) -> None:
        """See to it that the models which a stage asks can be asked. Raises ConfigError as `Engines.make_ready` does."""
        await self._engines.make_ready(recipe.roles[role] for role in stage.roles)

    async def close(self) -> None:
        """End the engines that were made, with their connections and servers; asking again starts anew."""
        if "_engines" in self.__dict__:
            await self._engines.close()

    def config_of(self, recipe: Recipe, stage: Stage) -> StageConfig:
        """Everything but its inputs that a stage's results depend on. Raises as looking up its roles' engines does."""
        engines = self.engines(recipe)
        specs = {role: self.models.spec_of(recipe.roles[role]) for role in stage.roles if recipe.roles[role].engine in (MODEL, REPLAY)}
        models = {role: specs[role].identity if role in specs else engines[role].model for role in stage.roles}
        return recipe.config(stage, models, self.media.decoder, {role: _asked(spec, self.media.decoder) for role, spec in specs.items()})

    def recipe_of(self, spec: BuildSpec) -> Recipe:
        """The recipe as a build asked for it."""
        from egoetl.recipes.index import load

        recipe = load(spec.recipe).with_engine(spec.engine).with_settings(spec.recipe_settings)
        for stage, prompt in self.prompts.items():
            recipe = recipe.with_prompt(stage, prompt)
        return recipe


def _asked(spec: ModelSpec, encoder: str) -> dict[str, Any]:
    """What a model's results depend on beside the model and its sampling: how its replies are judged, and how it is shown a segment.

    `encoder` is the build that makes the pictures and sound that it is sent; it is the one that decodes them.
    """
    shown = {} if spec.look is None else {"look": spec.look.model_dump(mode="json"), "encoder": encoder}
    return {"judging": JUDGING_VERSION, **shown}


def _to_standard_error(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def database_limits(settings: Settings) -> "Limits":
    """How much of the lineage database a process may take."""
    from egoetl.lineage.limits import Limits

    return Limits(
        connections=settings.database_connections,
        statement_seconds=settings.database_statement_seconds,
        lock_seconds=settings.database_lock_seconds,
        idle_seconds=settings.database_idle_seconds,
    )
