"""What each role of the database may do, and what it is refused."""

from collections.abc import Callable, Iterator
from contextlib import closing

import psycopg2
import pytest
from psycopg2.errors import InsufficientPrivilege
from sqlalchemy import make_url

from egoetl.core.errors import CallerError, ConfigError
from egoetl.lineage import migrate, roles
from egoetl.lineage.open import open_ledger
from egoetl.testing.outcomes import a_spec, commit, done, shard_row
from egoetl.testing.samples import a_clip

Addresses = dict[str, str]
Ask = Callable[[str, str], list[tuple[object, ...]]]
PAST = [
    "artifact", "attempt", "clip", "edge", "part", "prompt", "qa_pair", "registered_row", "reply", "reply_part", "result", "segment",
    "video", "worker",
]  # fmt: skip


@pytest.fixture
def addresses(database_url: str) -> Iterator[Addresses]:
    """The address of a database as its owner, as a writer and as a reader; a build of it has one clip."""
    url = make_url(database_url)
    logins = {role: url.set(username=f"{url.database}_{role}", password=f"{role}'s own") for role in roles.ROLES}
    for role, login in logins.items():
        roles.make_login(database_url, str(login.username), role, str(login.password))
    found = {role: login.render_as_string(hide_password=False) for role, login in logins.items()}
    with closing(open_ledger(found["writer"], patience_seconds=5)) as ledger:
        build = ledger.create_build(a_spec(), [shard_row(2, 0)], [])
        commit(ledger, build.seq, "register", 0, [done("register", "2", a_clip(), kind="row")])
    yield found
    with closing(psycopg2.connect(database_url)) as connection, connection, connection.cursor() as cursor:
        for login in logins.values():
            cursor.execute(f"DROP ROLE {login.username}")


@pytest.fixture
def ask(addresses: Addresses) -> Ask:
    """`ask(role, statement)` in a transaction that is taken back."""

    def asked(role: str, statement: str) -> list[tuple[object, ...]]:
        with closing(psycopg2.connect(addresses[role], options="-c search_path=lineage")) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []

    return asked


CHANGED = (("attempt", "seconds"), ("reply", "status"), ("result", "key"), ("qa_pair", "answer"))
FORBIDDEN_TO_WRITERS = [
    "CREATE TABLE lineage.mine (id integer)",
    "ALTER TABLE build ADD COLUMN mine integer",
    "DROP TABLE attempt_b3",
    "ALTER TABLE attempt DETACH PARTITION attempt_b3",
    "DROP VIEW build_progress",
    "TRUNCATE result",
    "TRUNCATE attempt_b1",
    "INSERT INTO build_unit_b1 SELECT * FROM build_unit_b1",
    "UPDATE build SET name = 'another'",
    "UPDATE build SET created_at = now()",
    "UPDATE stage_count SET units = 0",
    "UPDATE dataset_version SET manifest_sha256 = ''",
    "UPDATE version_pair SET qa_id = ''",
    "DELETE FROM build",
    "DELETE FROM build_unit",
    "DELETE FROM dataset_version",
    "DELETE FROM tombstone",
    "UPDATE alembic_version SET version_num = '0001'",
    "SET ROLE egoetl_owner",
    *(f"DELETE FROM {table}" for table in PAST),
    *(
        f"UPDATE {table} SET {column} = {column}"
        for table, column in (("attempt", "seconds"), ("reply", "status"), ("result", "key"), ("qa_pair", "answer"))
    ),
]
FORBIDDEN_TO_READERS = [
    "CREATE TABLE lineage.mine (id integer)",
    "INSERT INTO build_row (build_seq, row_no, video_id) VALUES (1, 99, 'x')",
    "UPDATE build SET state = 'failed'",
    "DELETE FROM key_claim",
    "SELECT ensure_partitions(1)",
    "SELECT rolpassword FROM pg_authid",
    "SET ROLE egoetl_writer",
]


def is_refused(ask: Ask, role: str, statement: str) -> bool:
    try:
        ask(role, statement)
    except InsufficientPrivilege:
        return True
    return False


def test_a_writer_cannot_change_the_schema_or_the_past(ask: Ask):
    assert [each for each in FORBIDDEN_TO_WRITERS if not is_refused(ask, "writer", each)] == []


def test_a_reader_cannot_write(ask: Ask):
    assert [each for each in FORBIDDEN_TO_READERS if not is_refused(ask, "reader", each)] == []


def test_a_reader_reads_everything_partitions_made_later_too(ask: Ask, addresses: Addresses):
    with closing(open_ledger(addresses["writer"], patience_seconds=5)) as ledger:
        ledger.create_build(a_spec("later"), [shard_row(2, 0)], [])
    names = ask(
        "reader", "SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'lineage'::regnamespace AND relkind IN ('r', 'p', 'v')"
    )
    assert {("build_unit_b5",), ("build_progress",), ("qa_pair",)} <= set(names)
    for (name,) in names:
        assert len(ask("reader", f"SELECT count(*) FROM {name}")) == 1
    assert ask("reader", "SELECT count(*) FROM hops(ARRAY(SELECT key FROM result))") == [(1,)]


def test_tables_that_came_later_are_covered_by_the_next_upgrade(ask: Ask, addresses: Addresses):
    with closing(psycopg2.connect(addresses["owner"])) as connection, connection, connection.cursor() as cursor:
        cursor.execute("SET ROLE egoetl_owner; CREATE TABLE lineage.later (id integer)")
    assert ask("reader", "SELECT * FROM later") == []
    assert is_refused(ask, "writer", "INSERT INTO later VALUES (1)")
    migrate.upgrade(addresses["owner"])
    ask("writer", "INSERT INTO later VALUES (1)")
    ask("writer", "UPDATE later SET id = 2")
    assert is_refused(ask, "writer", "TRUNCATE later")
    assert is_refused(ask, "reader", "INSERT INTO later VALUES (1)")


@pytest.mark.parametrize("call", ["ensure_partitions(2000)", "ensure_partitions(1, 5000)", "ensure_partitions(0)"])
def test_a_writer_gets_no_more_partitions_than_builds_need(ask: Ask, call: str):
    with pytest.raises(psycopg2.errors.InvalidParameterValue, match="no partitions for builds"):
        ask("writer", f"SELECT {call}")


def test_a_worker_whose_login_may_not_is_told_what_to_do(addresses: Addresses):
    with closing(open_ledger(addresses["reader"], patience_seconds=5)) as ledger, pytest.raises(ConfigError) as caught:
        ledger.create_build(a_spec("mine"), [], [])
    assert caught.value.reason == "database_forbids"
    assert "docs/postgresql.md" in str(caught.value)


def test_only_the_owner_migrates(addresses: Addresses, database_url: str):
    assert migrate.upgrade(addresses["writer"]).up_to_date  # nothing to do
    with closing(psycopg2.connect(database_url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute("COMMENT ON SCHEMA lineage IS 'older'")
    with pytest.raises(ConfigError) as caught:
        migrate.upgrade(addresses["writer"])
    assert caught.value.reason == "not_the_owner"
    assert migrate.upgrade(addresses["owner"]).up_to_date


def test_everything_belongs_to_the_owners_role(ask: Ask):
    statement = """
        SELECT relname FROM pg_class WHERE relnamespace = 'lineage'::regnamespace AND pg_get_userbyid(relowner) <> 'egoetl_owner'
        UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'lineage'::regnamespace AND pg_get_userbyid(proowner) <> 'egoetl_owner'
        UNION ALL SELECT typname FROM pg_type WHERE typnamespace = 'lineage'::regnamespace AND pg_get_userbyid(typowner) <> 'egoetl_owner'
    """
    assert ask("owner", statement) == []


def test_functions_with_the_owners_rights_have_a_search_path_of_their_own(ask: Ask):
    found = ask("owner", "SELECT proname, proconfig FROM pg_proc WHERE pronamespace = 'lineage'::regnamespace AND prosecdef ORDER BY 1")
    assert {"count_pairs", "count_units", "ensure_partitions"} <= {name for name, _ in found}
    assert {tuple(settings) for _, settings in found} == {("search_path=pg_catalog, lineage, pg_temp",)}


def test_a_password_is_changed_and_a_login_that_is_not_ours_left_alone(database_url: str, addresses: Addresses):
    login = make_url(addresses["reader"])
    roles.make_login(database_url, str(login.username), "reader", "another")
    with pytest.raises(psycopg2.OperationalError):
        psycopg2.connect(addresses["reader"])
    psycopg2.connect(login.set(password="another").render_as_string(hide_password=False)).close()
    with pytest.raises(CallerError) as caught:
        roles.make_login(database_url, str(make_url(database_url).username), "reader", "another")
    assert caught.value.reason == "login_foreign"
    assert roles.Login(login=str(login.username), role="reader") in roles.make(database_url)
