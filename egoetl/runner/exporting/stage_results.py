"""What the stages of a build made, read by type and only when asked for: captions, graphs, narrations, pairs."""

from collections.abc import Mapping
from functools import cached_property
from typing import TypeVar

from egoetl.core.errors import CallerError
from egoetl.core.ids import clip_of
from egoetl.core.ledger import Build, Pointer
from egoetl.core.records import QAPair, QAPairs, Record, Segment, SplitClip
from egoetl.runner.tools import Tools

T = TypeVar("T", bound=Record)
PARTS_AT_HAND = 64
"""Parts of results that are kept unpacked: a clip's lie in one or two of each stage."""


class StageResults:
    """The results of one build, whichever stages of its recipe made them."""

    def __init__(self, tools: Tools, build: Build) -> None:
        from egoetl.storage.parts import PartReader

        self._tools, self._build = tools, build
        self._recipe = tools.recipe_of(build.spec)
        self._reader = PartReader(tools.store, keep=PARTS_AT_HAND)
        self._pointers: dict[type[Record], dict[str, list[Pointer]]] = {}

    def segments(self, clip_id: str) -> tuple[Segment, ...] | None:
        """The clip's segments, in time order; None before it was split."""
        made = self.made(SplitClip, clip_id)
        return None if made is None else made.segments

    def made(self, record: type[T], unit_id: str) -> T | None:
        """What the stage that makes such records made of a clip or segment; None where it made nothing."""
        return next((self._read(record, pointer) for pointer in self._units(record).get(unit_id, ())), None)

    def pairs(self, clip_id: str) -> list[QAPair]:
        """The pairs made of a clip and its segments, by task, time and id; pairs that verification dropped are absent."""
        found = [pair for pointer in self._pairs_of_clips.get(clip_id, ()) for pair in self._read(QAPairs, pointer).pairs]
        kept = (pair for pair in found if pair.qa_id not in self._dropped)
        return sorted(kept, key=lambda each: (each.task, each.start_ms, each.end_ms, each.qa_id))

    @cached_property
    def tasks(self) -> list[str]:
        """The QA tasks of the build, whether or not they made any pair."""
        from egoetl.qa.index import TASKS

        stages = {each.name for each in self._recipe.stages if each.output is QAPairs}
        return [name for name, task in TASKS.items() if any(task.stage_name(kind) in stages for kind in task.asked)]

    @cached_property
    def _pairs_of_clips(self) -> Mapping[str, list[Pointer]]:
        found: dict[str, list[Pointer]] = {}
        for unit, pointers in self._units(QAPairs).items():
            found.setdefault(clip_of(unit), []).extend(pointers)
        return found

    @cached_property
    def _dropped(self) -> set[str]:
        verifying = [each.name for each in self._recipe.stages if each.unit == "qa"]
        states = [self._tools.exports.states(self._build.seq, name) for name in verifying]
        return {unit for each in states for unit, state in each.items() if state == "dropped"}

    def _units(self, record: type[Record]) -> Mapping[str, list[Pointer]]:
        """Unit to where its results of that type lie. Raises CallerError `export_without_stage`."""
        if record not in self._pointers:
            stages = [each.name for each in self._recipe.stages if each.output is record]
            if not stages:
                raise CallerError(
                    f"Recipe {self._recipe.name} makes no {record.__name__}, which this export consists of.", reason="export_without_stage"
                )
            found = self._pointers[record] = {}
            for unit in (unit for name in stages for unit in self._tools.exports.units(self._build.seq, name)):
                found.setdefault(unit.unit_id, []).append(unit.pointer)
        return self._pointers[record]

    def _read(self, record: type[T], pointer: Pointer) -> T:
        return record.model_validate(self._reader.row(pointer.part, pointer.row))
