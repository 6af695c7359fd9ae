"""Files that are kept on this machine while they are used: a folder of bounded size, shared by processes."""

import errno
import fcntl
import os
import secrets
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from egoetl.core.errors import ConfigError

_IN_PROGRESS = ".tmp"
_LOCKS = ".locks"
_READ_ONLY = 0o444
_MOST_PINNED = 128


class FileCache:
    """Named files, each fetched once for all processes that use the folder.

    What was not used longest goes when room is needed, but never a file that this process or another has been given
    lately: each process holds a lock on its last 128 files, which ends with the process. So the limit may be passed by what is in use.
    """

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        self._folder = folder
        self._limit = limit_bytes
        self._pins: OrderedDict[str, int] = OrderedDict()
        self._pinning = threading.Lock()
        weakref.finalize(self, _let_go, self._pins)

    def get(self, name: str, size_bytes: int, fetch: Callable[[IO[bytes]], None]) -> Path:
        """The file of that name; if it is not there, `fetch` writes its bytes, and raises if they are not the right ones."""
        file = self._folder / name
        if self._pinned(file):
            return file
        with self._locked(name[:2]):
            while not self._pinned(file):  # another process may have thrown it out in between
                self._make_room(size_bytes)
                self._fetch(file, fetch)
        return file

    def forget(self, name: str) -> None:
        """Delete a file, whoever uses it."""
        (self._folder / name).unlink(missing_ok=True)

    def _pinned(self, file: Path) -> bool:
        """Take hold of the file, if it is there, so that no process throws it out."""
        try:
            descriptor = os.open(file, os.O_RDONLY)
        except FileNotFoundError:
            return False
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        if not _is_still(file, descriptor):
            os.close(descriptor)
            return False
        with suppress(PermissionError):  # another user's file is as good
            os.utime(descriptor)
        self._hold(file.name, descriptor)
        return True

    def _hold(self, name: str, descriptor: int) -> None:
        with self._pinning:
            going = [self._pins.pop(name)] if name in self._pins else []
            self._pins[name] = descriptor
            if len(self._pins) > _MOST_PINNED:
                going.append(self._pins.popitem(last=False)[1])
        for each in going:
            os.close(each)

    def _fetch(self, file: Path, fetch: Callable[[IO[bytes]], None]) -> None:
        try:
            with self._aside() as (temporary, out):
                fetch(out)
                out.flush()
                temporary.chmod(_READ_ONLY)
                temporary.rename(file)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise ConfigError(
                    f"The cache {self._folder} has no room for {file.name}; free some, or name another in EGOETL_CACHE_FOLDER.",
                    reason="cache_full",
                ) from error
            raise

    @contextmanager
    def _aside(self) -> Generator[tuple[Path, IO[bytes]]]:
        """A file of this writer's own, locked while it lives; gone afterwards."""
        folder = self._folder / _IN_PROGRESS
        folder.mkdir(parents=True, exist_ok=True)
        temporary = folder / secrets.token_hex(8)
        with temporary.open("x+b") as out:
            fcntl.flock(out, fcntl.LOCK_EX)
            try:
                yield temporary, out
            finally:
                temporary.unlink(missing_ok=True)

    def _make_room(self, size_bytes: int) -> None:
        """Delete what killed writers left, and then what was not used longest, until there is room within the limit."""
        with self._locked("room"):
            for leftover in (self._folder / _IN_PROGRESS).glob("*"):
                _delete_unless_held(leftover)
            kept = sorted(_sizes(self._folder), key=lambda each: each[1])
            total = sum(size for size, _, _ in kept)
            for size, _, file in kept:
                if total + size_bytes <= self._limit:
                    return
                total -= size if _delete_unless_held(file) else 0

    @contextmanager
    def _locked(self, name: str) -> Generator[None]:
        """Alone among processes and threads."""
        folder = self._folder / _LOCKS
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / name, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _let_go(pins: OrderedDict[str, int]) -> None:
    while pins:
        os.close(pins.popitem()[1])


def _sizes(folder: Path) -> Generator[tuple[int, float, Path]]:
    """Size and last use of each file."""
    for file in folder.iterdir():
        with suppress(FileNotFoundError):
            found = file.stat()
            if not file.name.startswith("."):
                yield found.st_size, found.st_mtime, file


def _delete_unless_held(file: Path) -> bool:
    """Delete a file that nobody has a lock on; whether it is gone."""
    try:
        descriptor = os.open(file, os.O_RDONLY)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        file.unlink(missing_ok=True)
    except BlockingIOError:
        return False
    else:
        return True
    finally:
        os.close(descriptor)


def _is_still(file: Path, descriptor: int) -> bool:
    """Whether the name still means the file that was opened."""
    try:
        return os.path.samestat(file.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
