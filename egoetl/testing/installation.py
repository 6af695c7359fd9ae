"""A whole installation on embedded parts, driven through the command line as a person or a task drives it."""

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import psycopg2

from egoetl.core.ports import FirstWrites, Store
from egoetl.core.settings import Settings
from egoetl.media.encode import write_video
from egoetl.storage.open import open_store
from egoetl.testing.videos import SIZE, numbered, tones

EGOETL = Path(sys.executable).with_name("egoetl")
QUICK = {"EGOETL_COMMIT_SECONDS": "0.05", "EGOETL_CONCURRENCY": "2", "EGOETL_LEASE_SECONDS": "30"}


@dataclass(frozen=True)
class Footage:
    """A folder of videos and their manifest."""

    folder: Path

    @property
    def manifest(self) -> Path:
        """The folder's own manifest."""
        return self.folder / "manifest.csv"


@dataclass
class Installation:
    """A database and a store; `extra` is set in every command's environment, such as an EGOETL_STORE_URL on S3."""

    database_url: str
    store: Path
    footage: Footage
    extra: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def environment(self) -> dict[str, str]:
        """What commands run with."""
        own = {"EGOETL_DATABASE_URL": self.database_url, "EGOETL_STORE_URL": self.store.as_uri(), "EGOETL_EXECUTION": "local"}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("EGOETL_")}
        return {**inherited, **own, **QUICK, **self.extra}

    def start(self, *arguments: str, **more: str) -> "subprocess.Popen[str]":
        """Start `egoetl ...` in a process group of its own."""
        return subprocess.Popen(
            [str(EGOETL), *arguments], env={**self.environment, **more}, text=True, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self, *arguments: str, code: int = 0, **more: str) -> "subprocess.CompletedProcess[str]":
        """Run `egoetl ...` to its end and check its exit code."""
        process = self.start(*arguments, **more)
        out, err = process.communicate(timeout=300)
        assert process.returncode == code, f"egoetl {' '.join(arguments)} ended with {process.returncode}:\n{out}\n{err}"
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def json(self, *arguments: str, code: int = 0, **more: str) -> dict[str, Any]:
        """Run `egoetl ... --json` and return its last line."""
        return json.loads(self.run(*arguments, "--json", code=code, **more).stdout.splitlines()[-1])

    def order(self, name: str) -> list[str]:
        """The arguments of a build over the footage."""
        return ["egoavu", "--manifest", str(self.footage.manifest), "--videos", str(self.footage.folder), "--name", name]

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the lineage database."""
        connection = psycopg2.connect(self.database_url, options="-c search_path=lineage")
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(query, values)
                return cursor.fetchall()
        finally:
            connection.close()

    def published(self, report: dict[str, Any]) -> dict[str, str]:
        """Every file of a build's version, by path and sha256, the version's own folder name included."""
        store = self.open_store()
        folder = str(report["version_path"]).removeprefix(self.environment["EGOETL_STORE_URL"].rstrip("/") + "/")
        paths = list(store.paths(folder))
        assert paths, f"{folder} is empty"
        return {path.removeprefix(folder.rpartition("/")[0] + "/"): hashlib.sha256(store.read(path)).hexdigest() for path in paths}

    def open_store(self) -> Store:
        """The installation's store, folder or S3. Keys for S3 come from this process's environment."""
        own = {name.removeprefix("EGOETL_").lower(): value for name, value in self.environment.items() if name.startswith("EGOETL_")}
        return open_store(Settings(**own), self._no_claims)  # type: ignore[arg-type] - pydantic reads text, as from the environment

    def _no_claims(self) -> FirstWrites:
        raise AssertionError("tests look at a store, and create no path in it")


def write_tiny_footage(folder: Path) -> Footage:
    """Videos `attic` (11 s, two segments) and `cellar` (4 s) of a few kilobytes: a build over them takes a few seconds."""
    lines = ["id,start_time,end_time,split"]
    for name, seconds, split in (("attic", 11, "train"), ("cellar", 4, "test")):
        sound = tones(seconds, 16_000, 1)
        write_video(folder / f"{name}.mp4", numbered(seconds * 10), size=SIZE, rate=Fraction(10), sound=sound, sound_rate=16_000)
        lines.append(f"{name},0,{seconds},{split}")
    (folder / "manifest.csv").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return Footage(folder)


def wait_until(happened: Callable[[], Any], *, seconds: float = 60.0, every: float = 0.02) -> None:
    """Wait until `happened()` is true. Fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(every)
