"""The cache of files: bounded, shared by processes, and never missing what somebody uses."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from egoetl.storage.file_cache import FileCache

OTHER_PROCESS = """
import sys
from pathlib import Path
from egoetl.storage.file_cache import FileCache

cache = FileCache(Path(sys.argv[1]), 100)
print(cache.get(sys.argv[2], 10, lambda out: out.write(b"x" * 10)), flush=True)
sys.stdin.read()
"""


def fill(cache: FileCache, name: str, size: int = 10, *, used: float | None = None) -> Path:
    file = cache.get(name, size, lambda out: out.write(b"x" * size))
    if used is not None:
        os.utime(file, (used, used))
    return file


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir() if file.is_file()}


def test_a_file_is_fetched_once_and_is_read_only(tmp_path: Path):
    cache, fetched = FileCache(tmp_path, 100), []
    for _ in range(2):
        file = cache.get("a.bin", 5, lambda out: fetched.append(out.write(b"hello")))
    assert file.read_bytes() == b"hello"
    assert fetched == [5]
    assert file.stat().st_mode & 0o222 == 0


def test_what_was_not_used_longest_goes_first(tmp_path: Path):
    for number in range(10):
        fill(FileCache(tmp_path, 100), f"{number}.bin", used=1000.0 + number)  # whoever fetched it is gone
    fill(FileCache(tmp_path, 100), "0.bin")
    fill(FileCache(tmp_path, 100), "new.bin", 20)
    assert names(tmp_path) == {"0.bin", "new.bin", *(f"{number}.bin" for number in range(3, 10))}


def test_a_file_larger_than_the_limit_is_handed_out_all_the_same(tmp_path: Path):
    cache = FileCache(tmp_path, 5)
    assert fill(cache, "large.bin", 50).stat().st_size == 50


def test_what_another_process_uses_stays(tmp_path: Path):
    command = [sys.executable, "-c", OTHER_PROCESS, str(tmp_path), "theirs.bin"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        theirs = Path(other.stdout.readline().strip())
        os.utime(theirs, (1000, 1000))
        fill(FileCache(tmp_path, 10), "ours.bin")
        assert names(tmp_path) == {"theirs.bin", "ours.bin"}
        other.communicate()
    fill(FileCache(tmp_path, 10), "another.bin")
    assert "theirs.bin" not in names(tmp_path)


def test_threads_that_want_one_file_fetch_it_once(tmp_path: Path):
    cache, fetched, barrier = FileCache(tmp_path, 100), [], threading.Barrier(8)

    def want() -> None:
        barrier.wait()
        cache.get("a.bin", 5, lambda out: fetched.append(out.write(b"hello")))

    threads = [threading.Thread(target=want) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert fetched == [5]


def test_a_fetch_that_fails_leaves_nothing(tmp_path: Path):
    cache = FileCache(tmp_path, 100)

    def fail(out) -> None:
        out.write(b"hel")
        raise RuntimeError("cut")

    with pytest.raises(RuntimeError):
        cache.get("a.bin", 5, fail)
    assert names(tmp_path) == set()
    assert fill(cache, "a.bin").read_bytes() == b"x" * 10


def test_what_killed_writers_left_goes_when_room_is_made(tmp_path: Path):
    (tmp_path / ".tmp").mkdir()
    (tmp_path / ".tmp" / "left").write_bytes(b"x" * 1000)
    fill(FileCache(tmp_path, 100), "a.bin")
    assert list((tmp_path / ".tmp").iterdir()) == []


def test_a_file_that_is_forgotten_is_fetched_again(tmp_path: Path):
    cache = FileCache(tmp_path, 100)
    fill(cache, "a.bin")
    cache.forget("a.bin")
    cache.forget("a.bin")
    assert cache.get("a.bin", 5, lambda out: out.write(b"hello")).read_bytes() == b"hello"
