"""A benchmark's questions in the store: one part file, a row for each video."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from egoetl.core.evaluation import Questions
from egoetl.core.ports import Store
from egoetl.core.records import Artifact

if TYPE_CHECKING:
    from egoetl.storage.parts import PartReader

PREFIX = "questions"
"""Where questions lie in the store."""
QuestionsOf = Callable[[str], Questions]
"""The questions about a clip, by its id."""


def no_questions(_: str) -> Questions:
    """Outside an evaluation nobody asks about a clip."""
    return Questions(questions=())


def write_questions(store: Store, groups: Sequence[Questions]) -> tuple[Artifact, list[str]]:
    """Keep groups of questions as one part file; returns it and the address of each group."""
    from egoetl.storage.parts import write_part

    part = write_part(store, PREFIX, groups)
    return part, [f"{part.path}#{row}" for row in range(len(groups))]


class QuestionParts:
    """Reads questions by address. The parts read last stay decompressed."""

    def __init__(self, store: Store, addresses: Mapping[str, Sequence[str]]) -> None:
        """`addresses` says where the questions about each clip lie."""
        self._store, self._addresses = store, addresses

    def about(self, clip_id: str) -> Questions:
        """The questions about a clip, by id, none twice. Raises DataError `artifact_missing` or `part_corrupt`."""
        groups = [self.at(address) for address in self._addresses.get(clip_id, ())]
        found = {each.question_id: each for group in groups for each in group.questions}
        files = {each.path: each for group in groups for each in group.files}
        return Questions(questions=tuple(found[name] for name in sorted(found)), files=tuple(files[path] for path in sorted(files)))

    def at(self, address: str) -> Questions:
        """The questions at an address. Raises as `about` does."""
        part, _, row = address.rpartition("#")
        return self._reader.record(part, int(row), Questions)

    @cached_property
    def _reader(self) -> "PartReader":
        from egoetl.storage.parts import PartReader

        return PartReader(self._store)
