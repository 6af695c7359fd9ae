"""A backup as docs/postgresql.md says: database first, then store; restored into an empty server, the next build computes nothing."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from egoetl.lineage import migrate, roles
from egoetl.local.home import Home
from egoetl.local.postgres import Postgres
from egoetl.testing.installation import Installation

pytestmark = pytest.mark.slow
OLD, NEW = "ledger", "restored"


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[tuple[Postgres, Postgres]]:
    """The server that is lost, and an empty one."""
    made = [Postgres(Home.at(tmp_path / name)) for name in ("lost", "empty")]
    try:
        for server in made:
            server.start()
        yield made[0], made[1]
    finally:
        for server in made:
            server.remove()


def run(server: Postgres, program: str, database: str, *arguments: str) -> None:
    where = ["--host=127.0.0.1", f"--port={server.port}", "--username=egoetl", f"--dbname={database}"]
    environment = {"PGPASSWORD": server.home.secret("postgres.password"), "PATH": os.defpath}
    subprocess.run([server.folder.program(program), *where, *arguments], env=environment, check=True, capture_output=True, text=True)


def a_database(server: Postgres, name: str) -> str:
    """A database with the roles; returns the writer's address."""
    server.create_database(name)
    url = make_url(server.url(name))
    roles.make_login(server.url(name), "night", "writer", "secret")
    return url.set(username="night", password="secret").render_as_string(hide_password=False)


@pytest.mark.timeout(900)
def test_a_lost_database_is_restored_beside_its_store(servers: tuple[Postgres, Postgres], tmp_path: Path, tiny_footage) -> None:
    lost, empty = servers
    before = Installation(a_database(lost, OLD), tmp_path / "store", tiny_footage, {})
    migrate.upgrade(lost.url(OLD))
    first = before.json("build", "run", *before.order("first"))

    # The database first: whatever its rows point to is in the store already.
    dump = tmp_path / "lineage.dump"
    run(lost, "pg_dump", OLD, "--schema=lineage", "--format=custom", f"--file={dump}")
    after_the_dump = before.json("build", "run", *before.order("second"), "--set", "frames.max_side=96")
    assert after_the_dump["computed"] > 0
    shutil.copytree(before.store, tmp_path / "copy")
    lost.remove()

    after = Installation(a_database(empty, NEW), tmp_path / "copy", tiny_footage, {})
    run(empty, "pg_restore", NEW, "--exit-on-error", "--single-transaction", str(dump))
    assert migrate.status(empty.url(NEW)).up_to_date
    assert migrate.upgrade(empty.url(NEW)).up_to_date

    assert after.json("store", "check")["lost"] == []
    orphans = after.json("store", "gc", "--older-than-hours", "0")["orphans"]
    assert orphans, "what was computed after the dump is in the store and in no row"
    shown = after.json("build", "show", "first")
    assert after.published(shown) == before.published(first)
    again = after.json("build", "run", *after.order("again"))
    assert (again["state"], again["computed"]) == ("succeeded", 0)
    assert after.published(again) == before.published(first)

    # A store that is older than its database: what is missing is named, forgotten, and made again.
    part = next(
        path
        for path in sorted((tmp_path / "copy" / "captions").rglob("*"))
        if path.is_file() and str(path.relative_to(after.store)) not in orphans
    )
    part.unlink()
    missing = after.run("store", "check", "--json", code=65)
    assert str(part.relative_to(after.store)) in missing.stdout
    owner = empty.url(NEW)
    repaired = after.json("store", "check", "--repair", EGOETL_DATABASE_OWNER_URL=owner)
    for each in repaired["builds"]:
        after.run("build", "retry", each["build"])
    assert after.json("store", "check")["lost"] == []
    assert after.published(after.json("build", "show", "first")) == before.published(first)
