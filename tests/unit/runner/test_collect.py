"""Garbage: what crashes left behind, and nothing that anybody refers to."""

import os
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from pydantic import SecretStr

from egoetl.core.errors import ConfigError
from egoetl.core.settings import Settings
from egoetl.runner.collect import collect_garbage
from egoetl.runner.tools import Tools
from egoetl.storage.local import LocalStore

HOUR = 3600.0
KNOWN = "captions/aa/known.jsonl.zst"


class Yard:
    """A store whose ledger knows one part, and files to put into it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.known = {KNOWN}
        self.tools = Tools(Settings(database_url=SecretStr("postgresql://x"), store_url=folder.as_uri()))
        self.tools.store = LocalStore(folder)
        self.tools.reports = SimpleNamespace(known_paths=lambda: self.known)
        self.put(KNOWN, hours=100)

    def put(self, path: str, *, hours: float = 100, data: bytes = b"12345") -> None:
        """A file of some age."""
        self.tools.store.create(path, data)
        then = time.time() - hours * HOUR
        os.utime(self.folder / path, (then, then))

    def collect(self, *, delete: bool = False, hours: float = 24):
        return collect_garbage(self.tools, older_than_seconds=hours * HOUR, delete=delete)

    def left(self) -> set[str]:
        return set(self.tools.store.paths())


@pytest.fixture
def yard(tmp_path: Path) -> Yard:
    return Yard(tmp_path / "store")


def test_a_clean_store_has_no_garbage(yard: Yard) -> None:
    found = yard.collect(delete=True)
    assert (found.orphans, found.unfinished, found.size_bytes) == ((), (), 0)
    assert yard.left() == {KNOWN}


def test_a_file_that_nobody_knows_is_an_orphan_and_is_only_deleted_when_asked(yard: Yard) -> None:
    yard.put("mcg/bb/lost.jsonl.zst")
    assert yard.collect().orphans == ("mcg/bb/lost.jsonl.zst",)
    assert "mcg/bb/lost.jsonl.zst" in yard.left()
    found = yard.collect(delete=True)
    assert (found.orphans, found.size_bytes) == (("mcg/bb/lost.jsonl.zst",), 5)
    assert yard.left() == {KNOWN}


def test_a_young_file_may_be_about_to_be_committed(yard: Yard) -> None:
    yard.put("mcg/bb/new.jsonl.zst", hours=1)
    assert yard.collect(delete=True).orphans == ()
    assert yard.collect(delete=True, hours=0.5).orphans == ("mcg/bb/new.jsonl.zst",)


def test_a_version_with_its_manifest_is_kept_and_one_without_is_garbage(yard: Yard) -> None:
    for path in ("whole/data/train.parquet", "whole/manifest.json", "half/data/train.parquet", "half/README.md"):
        yard.put(f"versions/toy/{path}")
    assert yard.collect(delete=True).orphans == ("versions/toy/half/README.md", "versions/toy/half/data/train.parquet")
    assert yard.left() == {KNOWN, "versions/toy/whole/data/train.parquet", "versions/toy/whole/manifest.json"}


def test_a_version_does_not_shield_its_neighbour(yard: Yard) -> None:
    yard.put("versions/toy/ab/manifest.json")
    yard.put("versions/toy/abc/README.md")
    assert yard.collect().orphans == ("versions/toy/abc/README.md",)


def test_unfinished_writes_are_found_and_discarded(yard: Yard) -> None:
    aside = yard.folder / ".tmp" / "123-abc"
    aside.write_bytes(b"half")
    os.utime(aside, (time.time() - 100 * HOUR,) * 2)
    assert yard.collect().unfinished == (".tmp/123-abc",)
    assert aside.exists()
    assert yard.collect(delete=True).unfinished == (".tmp/123-abc",)
    assert not aside.exists()


def test_a_store_that_the_ledger_does_not_know_is_not_emptied(yard: Yard) -> None:
    yard.known = {"captions/aa/of-another-store.jsonl.zst"}
    assert yard.collect().orphans == (KNOWN,)
    with pytest.raises(ConfigError, match="belong together") as raised:
        yard.collect(delete=True)
    assert raised.value.reason == "store_of_another_ledger"
    assert yard.left() == {KNOWN}
