"""A home of the previous release, whose one login owned everything, gets roles and logins at the next `egoetl local up`."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from egoetl.lineage.database import Database
from egoetl.lineage.open import open_ledger
from egoetl.lineage.schema import sql_root
from egoetl.local.home import Home
from egoetl.local.installation import Installation
from egoetl.local.progress import Steps
from egoetl.testing.outcomes import a_spec, shard_row

pytestmark = pytest.mark.slow
NOT_THE_OWNERS = """
    SELECT relname FROM pg_class WHERE relnamespace = 'lineage'::regnamespace AND pg_get_userbyid(relowner) <> 'egoetl_owner'
    UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'lineage'::regnamespace AND pg_get_userbyid(proowner) <> 'egoetl_owner'
    UNION ALL SELECT typname FROM pg_type WHERE typnamespace = 'lineage'::regnamespace AND pg_get_userbyid(typowner) <> 'egoetl_owner'
"""


@pytest.fixture
def older(home: Home) -> Iterator[Installation]:
    """An installation of release 0.2: its schema and all in it belong to the login `egoetl`, and a build is planned."""
    installation = Installation(home)
    try:
        installation.postgres.start()
        with closing(Database(installation.postgres.url("egoetl"), patience_seconds=5)) as database, database.engine.begin() as connection:
            connection.execute(text("CREATE SCHEMA lineage"))
            config = Config()
            config.set_main_option("script_location", str(sql_root() / "migrations"))
            config.attributes["connection"] = connection
            command.upgrade(config, "0002")
            connection.execute(text("CREATE VIEW build_progress AS SELECT name FROM build"))
        yield installation
    finally:
        installation.remove()


def test_a_home_of_the_previous_release_gets_roles(older: Installation) -> None:
    assert "build" in older.postgres.sql("egoetl", NOT_THE_OWNERS).split()
    for _ in range(2):
        older.up(Steps(), with_airflow=False)
        assert older.postgres.sql("egoetl", NOT_THE_OWNERS) == ""
    settings = older.settings()
    with closing(open_ledger(settings["EGOETL_DATABASE_URL"], patience_seconds=5)) as ledger:
        assert ledger.create_build(a_spec(), [shard_row(2, 0)], []).seq == 1
    assert older.postgres.sql("egoetl", "SELECT count(*) FROM lineage.build").strip() == "1"
