"""Plan a build: read its manifest, cut its rows into shards, and write both down before anything runs."""

import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator

from egoetl.core.errors import CallerError
from egoetl.core.ledger import Build, BuildSpec, RefusedRow, ShardRow
from egoetl.core.recipe import Recipe
from egoetl.core.records import ManifestRow, Record
from egoetl.runner.manifest import read_manifest
from egoetl.runner.tools import Tools

_DATASET = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
"""A dataset names a folder of the store."""


ARRIVALS = "arrivals"
"""What stands in the place of a manifest's address where there is none."""
Address = Annotated[str, BeforeValidator(lambda value: str(value) if isinstance(value, Path) else value)]
"""A path of this machine, or s3://bucket/..."""


class Order(Record):
    """What a person or a DAG asks for."""

    recipe: str
    manifest: Address | None = None
    videos: Address
    arrivals: bool = False
    """Whether to take what has arrived for the dataset below `videos`, beside the manifest or without one."""
    waiting: bool = False
    """Of what has arrived, only what no build has taken."""
    name: str | None = None
    night: date | None = None
    engine: str | None = None
    """None: the installation's default."""
    settings: Mapping[str, str] = {}
    first_stage: str | None = None
    last_stage: str | None = None
    limit: int | None = None


def plan_build(tools: Tools, order: Order) -> Build:
    """Write a build down, with every row pending. A build of the same name is returned as it stands; a cancelled one goes on.

    Raises:
        CallerError: unknown recipe, stage, engine, model or setting; no such folder or manifest; a build of that name was
            planned otherwise (`build_differs`).
        ConfigError: the file of models is not usable, or gives a role no model.
        DataError: the manifest's header lacks a column.
    """
    from egoetl.recipes.index import load

    asked = load(order.recipe)
    if asked.evaluates:
        raise CallerError(
            f"Recipe {asked.name} has questions of a benchmark instead of a manifest; `egoetl eval run {asked.evaluates}` runs it.",
            reason="recipe_evaluates",
        )
    recipe, engine, settings = configured(tools, asked, order.engine, order.settings)
    tools.source(order.videos).check()
    stages = _stages(recipe, order)
    rows, refused = _rows(tools, recipe, order)
    spec = BuildSpec(
        name=order.name or new_name(recipe.name),
        recipe=recipe.name,
        dataset=recipe.dataset or recipe.name,
        engine=engine,
        recipe_settings=settings,
        manifest=lasting(order.manifest) if order.manifest else ARRIVALS,
        videos=lasting(order.videos),
        arrivals=order.arrivals,
        night=order.night.isoformat() if order.night else None,
        stages=stages,
    )
    return written_down(tools, recipe, spec, rows, refused)


def configured(tools: Tools, recipe: Recipe, engine: str | None, settings: Mapping[str, str]) -> tuple[Recipe, str, dict[str, str]]:
    """A recipe with its settings, who answers by default, and the settings with every role's model pinned. Raises as `plan_build` does."""
    engine = tools.models.catalogue.default_engine(engine or tools.settings.engine)
    pinned = tools.models.pin_roles(recipe, engine, settings)
    recipe = recipe.with_engine(engine).with_settings(pinned)
    check_settings(recipe)
    return recipe, engine, pinned


def written_down(tools: Tools, recipe: Recipe, spec: BuildSpec, rows: Sequence[ManifestRow], refused: Sequence[RefusedRow]) -> Build:
    """The build in the ledger: a new one, or that of its name, if it was planned alike. A cancelled one goes on."""
    build = tools.ledger.create_build(spec, shards_of(rows, recipe.clips_per_shard), refused)
    _check_same(build.spec, spec)
    if build.state != "cancelled":
        return build
    tools.ledger.set_state(build.seq, "planned")
    return tools.ledger.build(build.spec.name)


def _rows(tools: Tools, recipe: Recipe, order: Order) -> tuple[tuple[ManifestRow, ...], tuple[RefusedRow, ...]]:
    """The manifest's rows and, numbered after them, what has arrived."""
    rows: tuple[ManifestRow, ...] = ()
    refused: tuple[RefusedRow, ...] = ()
    last = 0
    if order.manifest is not None:
        with tools.manifest(order.manifest) as file:
            manifest = read_manifest(file, test_percent=recipe.test_percent, named=order.manifest)
        rows, refused = manifest.rows[: order.limit], manifest.refused
        last = max((each.row for each in (*manifest.rows, *manifest.refused)), default=0)
        if order.night is not None:
            rows, refused = _of_night(tools, recipe, order.night, rows, refused)
    if order.arrivals:
        rows = (*rows, *_arrived(tools, recipe, order, last + 1))[: order.limit]
    return rows, refused


def _arrived(tools: Tools, recipe: Recipe, order: Order, first_row: int) -> list[ManifestRow]:
    """What has arrived for the dataset. Raises CallerError `no_arrivals` where a person asks for all, and there is none."""
    dataset = recipe.dataset or recipe.name
    rows = tools.arrivals.rows(dataset, lasting(order.videos), night=order.night, unbuilt=order.waiting, first_row=first_row)
    if not rows and order.manifest is None and order.night is None and not order.waiting:
        raise CallerError(
            f"Nothing has arrived below {order.videos} for dataset {dataset}; `egoetl ingest` looks for it, or name a --manifest.",
            reason="no_arrivals",
        )
    return rows


def shards_of(rows: Sequence[ManifestRow], clips_per_shard: int) -> list[ShardRow]:
    """Cut rows into shards of about `clips_per_shard`; the rows of one video stay together, so that it is fetched once."""
    by_video: dict[str, list[ManifestRow]] = {}
    for row in rows:
        by_video.setdefault(row.uri, []).append(row)
    shard, room = -1, 0
    placed: list[ShardRow] = []
    for group in by_video.values():
        if room < len(group):
            shard, room = shard + 1, clips_per_shard
        room -= len(group)
        placed.extend(ShardRow(row=row, shard=shard) for row in group)
    return placed


def lasting(address: str) -> str:
    """An address that means the same in every folder."""
    return address if address.startswith("s3://") else str(Path(address).resolve())


def check_settings(recipe: Recipe) -> None:
    """What a recipe setting may be, beyond its type."""
    limits = {
        "clips_per_shard": (recipe.clips_per_shard >= 1, "at least 1"),
        "max_tries": (recipe.max_tries >= 1, "at least 1"),
        "floor": (0 <= recipe.floor <= 1, "between 0 and 1"),
        "test_percent": (0 <= recipe.test_percent <= 100, "between 0 and 100"),
        "question_similarity": (0 < recipe.question_similarity <= 1, "above 0 and at most 1"),
        "yes_no_surplus": (recipe.yes_no_surplus >= 0, "at least 0"),
        "dataset": (not recipe.dataset or _DATASET.fullmatch(recipe.dataset) is not None, "letters, digits, '_', '.' and '-'"),
    }
    for name, (good, what) in limits.items():
        if not good:
            raise CallerError(f"--set {name}={getattr(recipe, name)}: {name} is {what}.", reason="setting_invalid")


def _check_same(planned: BuildSpec, asked: BuildSpec) -> None:
    """A name stands for one order: another order under it would be passed over in silence."""
    names = [name for name in BuildSpec.model_fields if getattr(planned, name) != getattr(asked, name)]
    if names:
        raise CallerError(
            f"Build {planned.name} was planned with another {', '.join(names)}; take another --name, or repeat the order as it was.",
            reason="build_differs",
        )


def _stages(recipe: Recipe, order: Order) -> tuple[str, ...]:
    """The stages to compute, and the folds after them unless the build is to end at a stage."""
    names = [each.name for each in recipe.stages]
    for name in filter(None, (order.first_stage, order.last_stage)):
        recipe.stage(name)
    first = names.index(order.first_stage) if order.first_stage else 0
    last = names.index(order.last_stage) if order.last_stage else len(names) - 1
    if last < first:
        raise CallerError(
            f"--to {order.last_stage} comes before --from {order.first_stage} in recipe {recipe.name}.", reason="stages_inverted"
        )
    return (*names[first : last + 1], *(() if order.last_stage else recipe.folds))


def _of_night(
    tools: Tools, recipe: Recipe, night: date, rows: Sequence[ManifestRow], refused: Sequence[RefusedRow]
) -> tuple[tuple[ManifestRow, ...], tuple[RefusedRow, ...]]:
    """The rows registered on that day. Refused lines belong to the newest night alone, so that a past one reads as it did."""
    today = datetime.now(UTC).date()
    chosen, newest = tools.ledger.rows_of_night(recipe.dataset or recipe.name, rows, night=night, today=today)
    return tuple(chosen), tuple(refused) if newest else ()


def new_name(recipe: str) -> str:
    """A name for a build that nobody has named."""
    return f"{recipe}-{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
