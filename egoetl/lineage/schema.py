"""Which schema a database has, and which one this release needs. Cheap: every worker asks when it starts."""

import hashlib
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import Connection

import egoetl
from egoetl.core.records import Record


class SchemaStatus(Record):
    """The schema a database has, and the one this release needs. `current` is None for an empty database."""

    current: str | None
    wanted: str
    views_current: bool

    @property
    def up_to_date(self) -> bool:
        """Whether this release can work with the database."""
        return self.current == self.wanted and self.views_current


def sql_root() -> Path:
    """The folder with migrations, views and queries: inside an installed package, or beside it in the repository."""
    package = Path(egoetl.__file__).parent
    installed = package / "_sql"
    return installed if installed.is_dir() else package.parent / "sql"


def schema_status(connection: Connection) -> SchemaStatus:
    """How far the connection's database is. Cheap: every worker asks when it starts."""
    found = connection.execute(text("SELECT to_regclass('lineage.alembic_version') IS NOT NULL")).scalar_one()
    revision = connection.execute(text("SELECT version_num FROM lineage.alembic_version")).scalar() if found else None
    stamp = connection.execute(text("SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = 'lineage'")).scalar()
    return SchemaStatus(current=revision, wanted=head(), views_current=stamp == schema_comment())


def head() -> str:
    """The newest revision: revisions are named by the numbers that their files begin with."""
    return max(file.name.split("_")[0] for file in (sql_root() / "migrations" / "versions").glob("[0-9]*_*.py"))


def view_files() -> list[Path]:
    """The view definitions, in the order they are made."""
    return sorted((sql_root() / "views").glob("*.sql"))


def schema_comment() -> str:
    """What the schema's comment says once its views are made: the digest tells an older release's views from this one's."""
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in view_files())).hexdigest()[:16]
    return f"The attempt ledger of egoetl; its views are {digest}. Keep views of your own in another schema."
