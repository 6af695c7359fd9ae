"""The folder of an export: files appear whole under their names, and one export at a time writes into it."""

import fcntl
import json
import os
import shutil
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from egoetl.core.errors import CallerError, TryAgainError

UNFINISHED = ".unfinished"


class OutputFolder:
    """Files by path below `root`. `scratch` is a folder on the same filesystem for work in progress, gone at the end."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.scratch = root / UNFINISHED

    def path(self, name: str) -> Path:
        """Where a file lies, or will."""
        return self.root / name

    def appear(self, unfinished: Path, name: str) -> Path:
        """Put a file of the scratch folder, whole and on the disk, under its name in one step."""
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
        place = self.path(name)
        place.parent.mkdir(parents=True, exist_ok=True)
        return unfinished.replace(place)

    def write(self, name: str, data: bytes) -> Path:
        """Make a file with these bytes appear whole; one that has them already is left alone."""
        place = self.path(name)
        if place.is_file() and place.read_bytes() == data:
            return place
        unfinished = self._aside(name)
        unfinished.write_bytes(data)
        return self.appear(unfinished, name)

    def write_json_lines(self, name: str, records: Iterable[Any]) -> Path:
        """Make a file with one JSON value a line appear whole."""
        unfinished = self._aside(name)
        with unfinished.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(each, ensure_ascii=False) + "\n" for each in records)
        return self.appear(unfinished, name)

    def _aside(self, name: str) -> Path:
        return self.scratch / name.replace("/", "%2F")


@contextmanager
def output_folder(root: Path) -> Generator[OutputFolder]:
    """Make the folder if need be and hold it.

    Raises:
        CallerError: `out_unusable`, it cannot be made or written to.
        TryAgainError: `out_busy`, another export is writing into it.
    """
    root = root.absolute()
    folder = OutputFolder(root)
    with _as_callers_mistake(root):
        if not root.is_file():
            root.mkdir(parents=True, exist_ok=True)
        handle = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _hold(handle, root)
        try:
            with _as_callers_mistake(root):
                # What a run that was killed left behind is not to be trusted.
                shutil.rmtree(folder.scratch, ignore_errors=True)
                folder.scratch.mkdir()
                yield folder
        finally:
            shutil.rmtree(folder.scratch, ignore_errors=True)
    finally:
        os.close(handle)


@contextmanager
def _as_callers_mistake(root: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        what = error.strerror or type(error).__name__
        raise CallerError(
            f"{error.filename or root} cannot be written: {what}; make room, or name a folder you may write to.", reason="out_unusable"
        ) from error


def _hold(handle: int, root: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise TryAgainError(f"Another export is writing into {root}; wait until it has finished.", reason="out_busy") from error
