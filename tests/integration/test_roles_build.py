"""A whole build as the writer, analysts' questions as the reader."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from egoetl.lineage import roles
from egoetl.testing.installation import Installation

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def as_role(postgres_server, migrated_template, database_names, tmp_path_factory, tiny_footage) -> Iterator[dict[str, Installation]]:
    """The same installation with the login of the owner, of the writer, and of the reader."""
    name = next(database_names)
    postgres_server.create_database(name, template=migrated_template)
    url = make_url(postgres_server.url(name))
    logins = {role: url.set(username=f"{role}_of_{name}", password=f"secret of {role}") for role in roles.ROLES}
    addresses = {role: login.render_as_string(hide_password=False) for role, login in logins.items()}
    for role, login in logins.items():
        roles.make_login(postgres_server.url(name), str(login.username), role, str(login.password))
    store = tmp_path_factory.mktemp("roles") / "store"
    yield {role: Installation(address, store, tiny_footage, {}) for role, address in addresses.items()}
    postgres_server.drop_database(name)
    for login in logins.values():
        postgres_server.sql("postgres", f"DROP ROLE {login.username}")


@pytest.fixture(scope="module")
def built(as_role: dict[str, Installation]) -> dict[str, Installation]:
    writer = as_role["writer"]
    report = writer.json("build", "run", *writer.order("night"))
    assert report["state"] == "succeeded"
    return as_role


def test_a_writer_builds_cancels_and_goes_on(built: dict[str, Installation]) -> None:
    writer = built["writer"]
    writer.run("build", "plan", *writer.order("stopped"))
    writer.run("build", "cancel", "stopped")
    again = writer.json("build", "retry", "stopped")
    assert (again["state"], again["computed"]) == ("succeeded", 0)


def test_a_writer_cannot_drop_or_withdraw_until_it_has_the_owners_address(built: dict[str, Installation]) -> None:
    writer, owner = built["writer"], built["owner"].database_url
    writer.run("build", "plan", *writer.order("wrong"))
    for command in (("build", "drop", "wrong"), ("purge", "video", "cellar", "--yes"), ("db", "maintain")):
        refused = writer.run(*command, code=78)
        assert re.search(r"permission denied|must be owner|does not own", refused.stderr), refused.stderr
    writer.run("build", "drop", "wrong", EGOETL_DATABASE_OWNER_URL=owner)
    assert writer.json("db", "maintain", EGOETL_DATABASE_OWNER_URL=owner)["partitions"] > 0
    assert ("wrong", "dropped") in writer.rows("SELECT name, state::text FROM build")


def test_a_reader_asks_whatever_commands_ask(built: dict[str, Installation]) -> None:
    reader = built["reader"]
    ((pair, segment),) = reader.rows("SELECT qa_id, evidence[1] FROM qa_pair ORDER BY qa_id LIMIT 1")
    for command in (
        ("build", "list"), ("build", "show", "night"), ("build", "failed", "night"), ("trace", "qa", pair), ("trace", "segment", segment),
        ("trace", "video", "attic"), ("store", "check"), ("store", "gc"), ("db", "status"),
    ):  # fmt: skip
        assert reader.json(*command), command
    refused = reader.run("build", "run", *reader.order("mine"), code=78)
    assert "docs/postgresql.md" in refused.stderr


def test_an_analyst_runs_the_ready_queries_and_those_of_the_readme(built: dict[str, Installation]) -> None:
    reader = built["reader"]
    ready = [file.read_text(encoding="utf-8") for file in sorted((ROOT / "sql" / "queries").glob("*.sql"))]
    shown = re.findall(r"```sql\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert len(ready) >= 3
    assert len(shown) >= 3
    for query in (*ready, *shown):
        reader.rows(query.replace("%", "%%"))
    names = reader.rows("SELECT viewname FROM pg_views WHERE schemaname = 'lineage'")
    assert len(names) >= 9
    for (name,) in names:
        reader.rows(f"SELECT * FROM lineage.{name} LIMIT 1")
