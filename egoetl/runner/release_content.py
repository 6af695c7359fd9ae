"""Gather what a version is made from: the accepted pairs with everything that its files say of them."""

from collections.abc import Mapping, Sequence

from egoetl.core.ledger import Build
from egoetl.core.recipe import Recipe
from egoetl.core.records import Narration
from egoetl.core.release import AcceptedPair, NarratedWindow, Release
from egoetl.runner.tools import Tools


def release_content(tools: Tools, build: Build, pairs: Sequence[AcceptedPair], left_out: Mapping[str, int] | None = None) -> Release:
    """What the version after a build holds.

    Args:
        tools: the adapters.
        build: the build that publishes.
        pairs: the pairs of the version.
        left_out: reason to number of the accepted pairs that the rules over the whole version left out.
    """
    recipe = tools.recipe_of(build.spec)
    return Release(
        dataset=build.spec.dataset,
        recipe=recipe.name,
        pairs=tuple(pairs),
        narrations=_narrations(tools, build, recipe, pairs),
        provenance=tuple(tools.reports.provenance(each.pair.qa_id for each in pairs)),
        drops=tuple(tools.exports.drops(build.spec.dataset, build.seq)),
        left_out=tuple(sorted((left_out or {}).items())),
        source_licences=recipe.source_licences,
        test_percent=recipe.test_percent,
    )


def _narrations(tools: Tools, build: Build, recipe: Recipe, pairs: Sequence[AcceptedPair]) -> tuple[NarratedWindow, ...]:
    """The narrations of all segments of the pairs' clips."""
    from egoetl.storage.parts import PartReader

    reader = PartReader(tools.store)
    video_of = {each.clip_id: each.video_id for each in pairs}
    return tuple(
        NarratedWindow(
            video_id=video_of[unit.clip_id or ""],
            start_ms=start_ms,
            end_ms=end_ms,
            narration=Narration.model_validate(reader.row(unit.pointer.part, unit.pointer.row)).av_narration,
        )
        for stage in recipe.stages
        if stage.output is Narration
        for unit, start_ms, end_ms in tools.exports.segment_results(build.spec.dataset, build.seq, stage.name, video_of)
    )
