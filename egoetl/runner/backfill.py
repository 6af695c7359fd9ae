"""Plan a backfill: a new build over the rows of units that are to be made again."""

from collections.abc import Mapping, Sequence

from egoetl.core.backfill import Forecast, SelectedRow, SelectedUnit, Selection
from egoetl.core.errors import CallerError
from egoetl.core.ledger import Build, BuildSpec
from egoetl.core.recipe import ROLE, Recipe
from egoetl.core.records import ManifestRow, Record
from egoetl.runner.forecasting import check_changes_something, forecast
from egoetl.runner.plan import check_settings, new_name, shards_of
from egoetl.runner.tools import Tools

_MUST_AGREE = ("engine", "videos", "recipe_settings")


class BackfillOrder(Record):
    """What a person or a DAG asks for. `engine` and `settings` replace those of the builds that are mended."""

    recipe: str
    selection: Selection
    name: str | None = None
    engine: str | None = None
    settings: Mapping[str, str] = {}


class Chosen(Record):
    """What an order comes to: the build to make, its rows, and the units that it is for."""

    spec: BuildSpec
    units: tuple[SelectedUnit, ...]
    rows: tuple[SelectedRow, ...]

    @property
    def mends(self) -> tuple[str, ...]:
        """The builds that the units are from, oldest first."""
        return tuple(dict.fromkeys(each.build for each in self.units))


def forecast_backfill(tools: Tools, order: BackfillOrder) -> Forecast:
    """What the backfill would do. Raises CallerError as `plan_backfill` does."""
    chosen = choose(tools, order)
    return forecast(tools, chosen.spec, order.selection, chosen.units, chosen.rows)


def plan_backfill(tools: Tools, order: BackfillOrder) -> tuple[Build, Forecast | None]:
    """Write the backfill down as a build; one of the same name and order is returned as it stands, without a forecast.

    Raises CallerError: no unit is selected (`nothing_selected`), nothing would change (`nothing_would_change`), the builds
    were made in different ways (`builds_differ`), or the name stands for another order (`build_differs`).
    """
    if (begun := _begun(tools, order)) is not None:
        return begun, None
    chosen = choose(tools, order)
    answer = forecast(tools, chosen.spec, order.selection, chosen.units, chosen.rows)
    check_changes_something(answer)
    recipe = tools.recipe_of(chosen.spec)
    rows = shards_of(_numbered(chosen.rows), recipe.clips_per_shard)
    build = tools.backfills.create(chosen.spec, rows, _asked(order), len(chosen.units), chosen.mends)
    return build, answer


def choose(tools: Tools, order: BackfillOrder) -> Chosen:
    """Find the units and rows that an order means. Raises CallerError."""
    from egoetl.recipes.index import load

    recipe = load(order.recipe)
    if recipe.evaluates:
        raise CallerError(
            f"Recipe {recipe.name} evaluates and publishes nothing; `egoetl build retry RUN` asks what failed in a run again.",
            reason="recipe_evaluates",
        )
    dataset = _dataset(tools, recipe, order)
    units = tools.backfills.selected_units(dataset, order.selection)
    if not units:
        raise _nothing_selected(tools, dataset, order.selection)
    rows = tools.backfills.selected_rows(units)
    if order.selection.limit is not None:
        rows = rows[: order.selection.limit]
        units = _of_rows(units, rows)
    return Chosen(spec=_spec(tools, recipe, order, units), units=tuple(units), rows=tuple(rows))


def _begun(tools: Tools, order: BackfillOrder) -> Build | None:
    """The backfill of that name, if it was planned before: what is left of its units is another set by now."""
    if order.name is None or (asked := tools.backfills.selection_of(order.name)) is None:
        return None
    if asked != _asked(order):
        raise CallerError(
            f"Build {order.name} is a backfill that was asked for otherwise; take another --name, or repeat the order as it was.",
            reason="build_differs",
        )
    build = tools.ledger.build(order.name)
    if build.state != "cancelled":
        return build
    tools.ledger.set_state(build.seq, "planned")
    return tools.ledger.build(order.name)


def _asked(order: BackfillOrder) -> dict[str, object]:
    return order.model_dump(mode="json", exclude={"name"})


def _dataset(tools: Tools, recipe: Recipe, order: BackfillOrder) -> str:
    """The dataset that the builds in question add to."""
    if order.selection.build is None:
        return order.settings.get("dataset") or recipe.dataset or recipe.name
    spec = tools.ledger.build(order.selection.build).spec
    if spec.recipe != recipe.name:
        raise CallerError(f"Build {spec.name} was made by recipe {spec.recipe}, not by {recipe.name}.", reason="recipe_differs")
    if "publish" not in spec.stages:
        raise CallerError(
            f"Build {spec.name} ends at {spec.stages[-1]} and publishes nothing; `egoetl build retry {spec.name}` mends it.",
            reason="build_publishes_nothing",
        )
    return spec.dataset


def _spec(tools: Tools, recipe: Recipe, order: BackfillOrder, units: Sequence[SelectedUnit]) -> BuildSpec:
    """The build, to be made as those were that it mends."""
    model, *others = (tools.ledger.build(name).spec for name in dict.fromkeys(each.build for each in units))
    for spec in others:
        if different := [each for each in _MUST_AGREE if getattr(spec, each) != getattr(model, each)]:
            raise CallerError(
                f"Builds {model.name} and {spec.name} were made with another {', '.join(different)}; backfill them one by one.",
                reason="builds_differ",
            )
    engine = order.engine or model.engine
    # Another engine means other answers for all roles: those of the builds that are mended are let go.
    kept = {name: value for name, value in model.recipe_settings.items() if order.engine is None or not name.startswith(f"{ROLE}.")}
    own = {
        "name": order.name or new_name(f"{recipe.name}-backfill"),
        "engine": engine,
        "recipe_settings": tools.models.pin_roles(recipe, engine, {**kept, **order.settings}),
        "night": None,
        "stages": (*(each.name for each in recipe.stages), *recipe.folds),
    }
    spec = model.model_copy(update=own)
    changed = tools.recipe_of(spec)
    check_settings(changed)
    if (changed.dataset or changed.name) != spec.dataset:
        raise CallerError(f"--set dataset={changed.dataset}: a backfill stays in the dataset that it mends.", reason="setting_invalid")
    return spec


def _of_rows(units: Sequence[SelectedUnit], rows: Sequence[SelectedRow]) -> list[SelectedUnit]:
    """The units whose rows a limit has left."""
    clips = {each.clip_id for each in rows if each.clip_id}
    lines = {(each.build_seq, str(each.row.row)) for each in rows}
    return [each for each in units if each.clip_id in clips or (each.kind == "row" and (each.build_seq, each.unit_id) in lines)]


def _numbered(rows: Sequence[SelectedRow]) -> list[ManifestRow]:
    """The rows under their lines' numbers, or numbered anew where two builds' manifests have a line each of the same number."""
    lines = [each.row.row for each in rows]
    if len(set(lines)) == len(lines):
        return [each.row for each in rows]
    return [each.row.model_copy(update={"row": number}) for number, each in enumerate(rows, start=2)]


def _nothing_selected(tools: Tools, dataset: str, selection: Selection) -> CallerError:
    """Why there is nothing to do, as far as it is known."""
    if unfinished := tools.backfills.unfinished_builds(dataset, selection):
        return CallerError(
            f"Build {unfinished[0]} has not come to its gate: let it end, clear its red tasks, or run "
            f"`egoetl build retry {unfinished[0]}`, and backfill what fails then.",
            reason="build_not_ended",
        )
    refused = tools.backfills.refused_rows(dataset, selection)
    also = f" {refused} manifest rows were refused: correct the manifest and build again." if refused else ""
    what = "unit that failed and is outstanding" if selection.of_failed else "finished unit"
    return CallerError(f"No {what} in dataset {dataset} is what was asked for.{also}", reason="nothing_selected")
