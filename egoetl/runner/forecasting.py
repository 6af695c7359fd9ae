"""What a backfill would do: units by stage, what hangs below them, and what past attempts say that it costs."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby

from egoetl.core.backfill import Cost, Forecast, SelectedRow, SelectedUnit, Selection, StageForecast
from egoetl.core.errors import CallerError
from egoetl.core.ledger import BuildSpec
from egoetl.core.recipe import Recipe
from egoetl.core.records import QAPairs
from egoetl.core.stage import Stage
from egoetl.runner.plan import shards_of
from egoetl.runner.rehearsal import Foreseen, Rehearsal
from egoetl.runner.tools import Tools


def forecast(tools: Tools, spec: BuildSpec, selection: Selection, units: Sequence[SelectedUnit], rows: Sequence[SelectedRow]) -> Forecast:
    """Rehearse a backfill of these units over these rows. Reads results of the store, computes none."""
    recipe = tools.recipe_of(spec)
    foreseen, undrafted = _rehearse(tools, recipe, units, rows)
    replaced = [each for each in foreseen if each.replaces is not None and recipe.stage(each.stage).output is QAPairs]
    pairs = tools.backfills.pairs_of(
        sorted({each.clip_id for each in replaced if each.clip_id}), sorted({each.replaces for each in replaced if each.replaces})
    )
    return Forecast(
        dataset=spec.dataset,
        mends=tuple(dict.fromkeys(each.build for each in units)),
        clips=len(rows),
        shards=len({each.shard for each in shards_of([each.row for each in rows], recipe.clips_per_shard)}),
        selected=tuple(_reasons(units)),
        stages=tuple(_stages(tools, recipe, foreseen)),
        undrafted=undrafted,
        unforeseen=sum(each.key is None for each in foreseen),
        pairs=len(pairs),
        versions=tuple(tools.backfills.versions_with(spec.dataset, pairs)) if pairs else (),
        unchanged=sum(each.selected and each.reused and _was_finished(each) for each in foreseen),
        refused_rows=tools.backfills.refused_rows(spec.dataset, selection),
        unfinished=tuple(tools.backfills.unfinished_builds(spec.dataset, selection)),
    )


def check_changes_something(answer: Forecast) -> None:
    """Raise CallerError `nothing_would_change` where every selected unit is finished and would only be reused."""
    if answer.unchanged and not answer.computed and answer.unchanged == sum(each["units"] for each in answer.selected):
        raise CallerError(
            f"All {answer.unchanged} selected units have their results already, and nothing that these depend on has changed: "
            "change the prompt or the model, or give a setting that does, such as --set STAGE.PARAMETER=VALUE or --set seed=43.",
            reason="nothing_would_change",
        )


def _rehearse(tools: Tools, recipe: Recipe, units: Sequence[SelectedUnit], rows: Sequence[SelectedRow]) -> tuple[list[Foreseen], int]:
    """Every unit that there would be, and the number of QA units whose pairs nobody knows yet."""
    from egoetl.storage.parts import PartReader

    reader = PartReader(tools.store)
    foreseen: list[Foreseen] = []
    undrafted = 0
    for (build_seq, shard), group in groupby(sorted(rows, key=_place), _place):
        past = tools.ledger.statuses(build_seq, shard, [each.name for each in recipe.stages])
        rehearsal = Rehearsal(
            tools=tools,
            recipe=recipe,
            rows=tuple(each.row for each in group),
            past={(each.stage, each.unit_id): each for each in past},
            past_results=tools.backfills.past_results(sorted({each.key for each in past if each.key})),
            wanted={(each.stage, each.unit_id) for each in units if each.kind != "row" or each.build_seq == build_seq},
            read=lambda at, kind: reader.record(at.part, at.row, kind),
        )
        foreseen += rehearsal.run()
        undrafted += rehearsal.undrafted
    return foreseen, undrafted


def _place(row: SelectedRow) -> tuple[int, int]:
    return row.build_seq, row.shard


def _reasons(units: Iterable[SelectedUnit]) -> "Iterable[dict[str, object]]":
    counted = Counter((each.stage, each.state, each.reason) for each in units)
    for (stage, state, reason), number in counted.most_common():
        yield {"stage": stage, "state": state, "reason": reason, "units": number}


def _stages(tools: Tools, recipe: Recipe, foreseen: Sequence[Foreseen]) -> Iterable[StageForecast]:
    costs = tools.backfills.costs()
    engines = tools.engines(recipe)
    for stage in recipe.stages:
        of_stage = [each for each in foreseen if each.stage == stage.name]
        if of_stage:
            models = ", ".join(sorted({engines[role].model for role in stage.roles}))
            yield _stage(stage, of_stage, costs.get((stage.name, models)))


def _stage(stage: Stage, foreseen: Sequence[Foreseen], cost: Cost | None) -> StageForecast:
    computed = [each for each in foreseen if each.key is not None and not each.reused]
    share = len(computed) / cost.attempts if cost is not None else 0.0
    return StageForecast(
        stage=stage.name,
        selected=sum(each.selected for each in foreseen),
        computed=len(computed),
        blocked=sum(each.was is not None and each.was.state == "blocked" for each in computed),
        reused=sum(each.reused for each in foreseen),
        seconds=None if cost is None else cost.seconds * share,
        prompt_tokens=None if cost is None or cost.prompt_tokens is None else round(cost.prompt_tokens * share),
        completion_tokens=None if cost is None or cost.completion_tokens is None else round(cost.completion_tokens * share),
    )


def _was_finished(each: Foreseen) -> bool:
    return each.was is not None and each.was.state in ("done", "dropped")
