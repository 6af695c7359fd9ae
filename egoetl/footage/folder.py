"""The folder that footage is made in: files that are whole or absent, and a list of what was made by which recipe."""

import fcntl
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pydantic

from egoetl.core.errors import CallerError, TryAgainError
from egoetl.core.records import Record, Sha256

LIST = ".footage.json"


class Entry(Record):
    """A finished file, and the recipe that it was made by."""

    recipe: Sha256
    sha256: Sha256


class _Entries(Record):
    files: dict[str, Entry]


class FootageFolder:
    """Files by name. `keep` is to be called from one thread at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._entries = _read(path / LIST)

    def made(self, name: str, recipe: str) -> Entry | None:
        """The entry of a file that this recipe made and that still has the bytes it was made with."""
        entry = self._entries.get(name)
        file = self.path / name
        if entry is None or entry.recipe != recipe or not file.is_file():
            return None
        return entry if sha256(file.read_bytes()).hexdigest() == entry.sha256 else None

    def keep(self, name: str, recipe: str) -> Entry:
        """List a file that has just appeared."""
        entry = Entry(recipe=recipe, sha256=sha256((self.path / name).read_bytes()).hexdigest())
        self._entries[name] = entry
        self.write(LIST, _Entries(files=dict(sorted(self._entries.items()))).model_dump_json(indent=1).encode())
        return entry

    def write(self, name: str, data: bytes) -> None:
        """Make a file with these bytes appear whole; one that has them already is left alone."""
        file = self.path / name
        if not file.is_file() or file.read_bytes() != data:
            self.appear(name, lambda unfinished: unfinished.write_bytes(data))

    def appear(self, name: str, fill: Callable[[Path], object]) -> None:
        """Let `fill` write a file beside its place, then put it there in one step."""
        unfinished = self.path / f".unfinished.{name}"
        fill(unfinished)
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
        unfinished.replace(self.path / name)


@contextmanager
def opened(path: Path) -> Generator[FootageFolder]:
    """Make the folder if need be and hold it, so that two makers never write into it at once.

    Raises:
        CallerError: the folder cannot be made or written to.
        TryAgainError: another process is making footage there.
    """
    try:
        # A file in the folder's place is refused by os.open, whose words for it are plainer than mkdir's.
        if not path.is_file():
            path.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise CallerError(
            f"Footage cannot be made in {path}: {error.strerror}; name a folder you may write to.", reason="footage_folder_unusable"
        ) from error
    try:
        _hold(handle, path)
        yield FootageFolder(path)
    finally:
        os.close(handle)


def _hold(handle: int, path: Path) -> None:
    if not os.access(path, os.W_OK | os.X_OK):
        raise CallerError(f"Footage cannot be made in {path}: it may not be written to.", reason="footage_folder_unusable")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise TryAgainError(
            f"Another process is making footage in {path}; wait until it has finished.", reason="footage_folder_busy"
        ) from error


def _read(file: Path) -> dict[str, Entry]:
    """The list, or nothing where it is absent or of another release: its files are then made again."""
    try:
        return dict(_Entries.model_validate_json(file.read_bytes()).files)
    except (FileNotFoundError, pydantic.ValidationError):
        return {}
