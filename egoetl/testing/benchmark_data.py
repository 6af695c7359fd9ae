"""A benchmark's files in a local folder."""

from pathlib import Path

from egoetl.core.source_paths import path_within


class FolderData:
    """The files below a folder, as a `BenchmarkData`."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def file(self, name: str) -> Path | None:
        """The file of that name, if there is one. Raises DataError `path_escapes_root`."""
        file = self._root / path_within(name)
        return file if file.is_file() else None

    def names(self, prefix: str = "") -> tuple[str, ...]:
        """The names below a prefix, in order."""
        found = (file.relative_to(self._root).as_posix() for file in self._root.rglob("*") if file.is_file())
        return tuple(sorted(name for name in found if name.startswith(prefix)))
