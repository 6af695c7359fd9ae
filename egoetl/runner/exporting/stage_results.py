"""What the stages of a build made, read by type: captions, graphs, narrations, pairs."""

from collections.abc import Iterator
from typing import TypeVar

from egoetl.core.errors import CallerError
from egoetl.core.ids import clip_of
from egoetl.core.ledger import Build
from egoetl.core.records import QAPair, QAPairs, Record, Segment, SplitClip
from egoetl.runner.tools import Tools

T = TypeVar("T", bound=Record)


class StageResults:
    """The results of one build, whichever stages of its recipe made them."""

    def __init__(self, tools: Tools, build: Build) -> None:
        from egoetl.storage.parts import PartReader

        self._tools, self._build = tools, build
        self._recipe = tools.recipe_of(build.spec)
        self._reader = PartReader(tools.store)

    def segments(self) -> dict[str, tuple[Segment, ...]]:
        """Clip to its segments, in time order."""
        return {unit: made.segments for unit, made in self._made(SplitClip)}

    def of_segments(self, record: type[T]) -> dict[str, T]:
        """Segment to what the stage that makes such records made of it."""
        return dict(self._made(record))

    def pairs(self) -> dict[str, list[QAPair]]:
        """Clip to the pairs made of it and its segments, by task, time and id; pairs that verification dropped are absent."""
        dropped = self._dropped()
        found: dict[str, list[QAPair]] = {}
        for unit, made in self._made(QAPairs):
            found.setdefault(clip_of(unit), []).extend(each for each in made.pairs if each.qa_id not in dropped)
        for pairs in found.values():
            pairs.sort(key=lambda each: (each.task, each.start_ms, each.end_ms, each.qa_id))
        return found

    def tasks(self) -> list[str]:
        """The QA tasks of the build, whether or not they made any pair, in the recipe's order."""
        from egoetl.qa.index import TASKS

        stages = [each.name for each in self._recipe.stages if each.output is QAPairs]
        return [name for name, task in TASKS.items() if any(task.stage_name(kind) in stages for kind in task.asked)]

    def _dropped(self) -> set[str]:
        verifying = [each.name for each in self._recipe.stages if each.unit == "qa"]
        return {
            unit for name in verifying for unit, state in self._tools.exports.states(self._build.seq, name).items() if state == "dropped"
        }

    def _made(self, record: type[T]) -> Iterator[tuple[str, T]]:
        stages = [each.name for each in self._recipe.stages if each.output is record]
        if not stages:
            raise CallerError(
                f"Recipe {self._recipe.name} makes no {record.__name__}, which this export consists of.", reason="export_without_stage"
            )
        for name in stages:
            for unit in self._tools.exports.units(self._build.seq, name):
                yield unit.unit_id, record.model_validate(self._reader.row(unit.pointer.part, unit.pointer.row))
