"""The schema that migrations make is the one that the code knows, and every table and column says what it is."""

import re
from collections.abc import Iterator

import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.engine import Connection

from egoetl.core.errors import ConfigError
from egoetl.lineage import migrate
from egoetl.lineage.database import Database
from egoetl.lineage.open import open_ledger
from egoetl.lineage.schema import head, sql_root
from egoetl.lineage.tables.index import metadata

PARTITION = re.compile(r"_b\d+$")


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    database = Database(database_url, patience_seconds=5)
    with database.engine.connect() as connection:
        yield connection
    database.close()


def test_the_migrations_make_what_the_code_knows(connection: Connection):
    def ours(name: str | None, kind: str, _parents: object) -> bool:
        return kind != "table" or name is None or not (PARTITION.search(name) or name == "alembic_version")

    context = MigrationContext.configure(connection, opts={"include_name": ours, "compare_type": True, "compare_server_default": True})
    assert compare_metadata(context, metadata) == []


def test_every_table_column_view_and_function_has_a_comment(connection: Connection):
    silent = connection.execute(
        text(
            """
            SELECT relation.relname, attribute.attname
            FROM pg_class AS relation
            JOIN pg_attribute AS attribute ON attribute.attrelid = relation.oid AND attribute.attnum > 0 AND NOT attribute.attisdropped
            LEFT JOIN pg_description AS said ON said.objoid = relation.oid AND said.objsubid = attribute.attnum
            WHERE relation.relnamespace = 'lineage'::regnamespace AND relation.relkind IN ('r', 'p') AND said.description IS NULL
            UNION ALL
            SELECT relation.relname, NULL FROM pg_class AS relation
            WHERE relation.relnamespace = 'lineage'::regnamespace AND relation.relkind IN ('r', 'p', 'v')
              AND obj_description(relation.oid, 'pg_class') IS NULL
            UNION ALL
            SELECT proname, NULL FROM pg_proc WHERE pronamespace = 'lineage'::regnamespace AND obj_description(oid, 'pg_proc') IS NULL
            """
        )
    ).all()
    assert [tuple(row) for row in silent if row[0] != "alembic_version"] == []


def test_upgrading_again_changes_nothing(database_url: str):
    before = migrate.status(database_url)
    assert before.up_to_date
    assert migrate.upgrade(database_url) == before


def test_an_empty_database_is_refused_until_it_is_upgraded(empty_database_url: str):
    assert migrate.status(empty_database_url).current is None
    with pytest.raises(ConfigError) as caught:
        open_ledger(empty_database_url, patience_seconds=0)
    assert caught.value.reason == "schema_outdated"
    assert "egoetl db upgrade" in str(caught.value)
    migrate.upgrade(empty_database_url)
    open_ledger(empty_database_url, patience_seconds=0).close()


def test_views_of_an_older_release_are_made_anew(database_url: str, connection: Connection):
    connection.execute(text("COMMENT ON SCHEMA lineage IS 'older'"))
    connection.execute(text("DROP VIEW lineage.build_pairs"))
    connection.commit()
    assert not migrate.status(database_url).up_to_date
    assert migrate.upgrade(database_url).up_to_date
    assert connection.execute(text("SELECT count(*) FROM lineage.build_pairs")).scalar() == 0


def test_a_persons_own_view_is_not_dropped_along(database_url: str, connection: Connection):
    connection.execute(text("CREATE VIEW public.mine AS SELECT * FROM lineage.build_progress"))
    connection.execute(text("COMMENT ON SCHEMA lineage IS 'older'"))
    connection.commit()
    with pytest.raises(ConfigError) as caught:
        migrate.upgrade(database_url)
    assert caught.value.reason == "view_in_use"
    assert connection.execute(text("SELECT count(*) FROM public.mine")).scalar() == 0


def test_a_newer_database_is_left_alone(database_url: str, connection: Connection):
    connection.execute(text("UPDATE lineage.alembic_version SET version_num = '9999'"))
    connection.commit()
    with pytest.raises(ConfigError) as caught:
        migrate.upgrade(database_url)
    assert caught.value.reason == "schema_newer"


def test_revisions_are_named_by_the_numbers_of_their_files():
    config = Config()
    config.set_main_option("script_location", str(sql_root() / "migrations"))
    assert ScriptDirectory.from_config(config).get_current_head() == head()


def test_the_ready_queries_run_when_pasted(database_url: str):
    engine = sqlalchemy.create_engine(sqlalchemy.make_url(database_url).set(drivername="postgresql+psycopg2"))
    files = sorted((sql_root() / "queries").glob("*.sql"))
    assert 3 <= len(files) <= 12
    with engine.connect() as plain:
        for file in files:
            query = file.read_text(encoding="utf-8")
            assert query.startswith("-- "), file.name
            plain.exec_driver_sql(query, execution_options={"no_parameters": True}).all()
    engine.dispose()
