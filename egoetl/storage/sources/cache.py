"""Files fetched from afar, kept in a folder of bounded size that any number of processes may share."""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from egoetl.core.errors import ConfigError

LOCKS = "locks"


class VideoCache:
    """One folder an entry. An entry in use is never removed; of the others those go first that were used longest ago.

    Who uses an entry holds a shared lock of its lock file, who removes it an exclusive one; the system gives back the locks of a
    process that was killed. So the bound is exceeded only by what is in use.
    """

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self._folder, self._most_bytes = folder.absolute(), most_bytes

    @contextmanager
    def entry(self, name: str) -> Generator[Path]:
        """The entry's folder, made if need be, which stays while the context lasts."""
        folder = self._folder / hashlib.sha256(name.encode()).hexdigest()[:32]
        with self._using(folder):
            folder.mkdir(exist_ok=True)
            yield folder
        self.make_room(0)

    @contextmanager
    def fetching(self, entry: Path) -> Generator[None]:
        """Alone in fetching into an entry in use; others wait, and then find what was fetched."""
        with (entry / "fetching").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def make_room(self, size_bytes: int) -> None:
        """Remove entries that nobody uses until so many more bytes are within the bound, or none is left."""
        entries = sorted(self._entries(), key=lambda entry: entry[1])
        over = sum(size for _, _, size in entries) + size_bytes - self._most_bytes
        for folder, _, size in entries:
            if over <= 0:
                return
            if self._remove(folder):
                over -= size

    @contextmanager
    def _using(self, folder: Path) -> Generator[None]:
        lock_file = self._lock_file(folder)
        while True:
            with lock_file.open("ab") as lock:
                fcntl.flock(lock, fcntl.LOCK_SH)
                if not _is_still(lock_file, lock.fileno()):
                    continue  # removed between opening and locking
                os.utime(lock_file)
                yield
                return

    def _remove(self, folder: Path) -> bool:
        """Remove an entry unless it is in use. Its bytes go first: a lock file without bytes is harmless."""
        lock_file = self._lock_file(folder)
        with lock_file.open("ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            if not _is_still(lock_file, lock.fileno()):
                return False
            with suppress(FileNotFoundError):
                shutil.rmtree(folder)
            lock_file.unlink()
        return True

    def _entries(self) -> Iterator[tuple[Path, float, int]]:
        """Folder, time of last use, and bytes of each entry."""
        with suppress(FileNotFoundError):
            for folder in self._folder.iterdir():
                if folder.name != LOCKS:
                    yield folder, _last_use(self._lock_file(folder)), _size(folder)

    def _lock_file(self, folder: Path) -> Path:
        locks = self._folder / LOCKS
        try:
            locks.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(
                f"{self._folder} cannot keep fetched videos: {error.strerror}; set EGOETL_VIDEO_CACHE to a folder that can be written.",
                reason="video_cache_unusable",
            ) from error
        return locks / folder.name


def cache_full(address: str, error: OSError) -> ConfigError:
    """The error of a video for whose bytes the cache's disk has no room: not the video's own trouble."""
    return ConfigError(
        f"{address} does not fit into the cache: {error.strerror}; lower EGOETL_VIDEO_CACHE_GIGABYTES or free space on its disk.",
        reason="video_cache_full",
    )


def _is_still(file: Path, descriptor: int) -> bool:
    """Whether an open file is still the one of that name."""
    with suppress(FileNotFoundError):
        return os.path.samestat(file.stat(), os.fstat(descriptor))
    return False


def _last_use(lock_file: Path) -> float:
    with suppress(FileNotFoundError):
        return lock_file.stat().st_mtime
    return 0.0


def _size(folder: Path) -> int:
    total = 0
    with suppress(FileNotFoundError, NotADirectoryError):
        for file in os.scandir(folder):
            with suppress(FileNotFoundError):
                total += file.stat().st_size
    return total
