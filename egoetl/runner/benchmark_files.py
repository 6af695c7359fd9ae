"""A benchmark's files below a folder or an S3 prefix, as local files."""

from collections.abc import Sequence
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path

from egoetl.core.source_paths import path_within
from egoetl.core.sources import SourceRoot


class BenchmarkFiles:
    """Implements `benchmarks.benchmark.BenchmarkData`. Files stay where they are until `held` is closed."""

    def __init__(self, root: SourceRoot, held: ExitStack) -> None:
        self._root, self._held = root, held

    def file(self, name: str) -> Path | None:
        """A local file with the bytes at `name`; None if there is none. Raises DataError `path_escapes_root`."""
        found = self._root.look(str(path_within(name)))
        return None if found is None else self._held.enter_context(self._root.whole(found)).file

    def names(self, prefix: str = "") -> Sequence[str]:
        """The names of the files below a prefix, in order."""
        return tuple(name for name in self._names if name.startswith(prefix))

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(each.path for each in self._root.files())
