"""Who may do what: the owner migrates and drops, the writer works, the reader asks. Three roles of the server, and logins in them."""

from collections.abc import Sequence
from contextlib import closing
from typing import Literal, cast, get_args

import psycopg2.extensions
from psycopg2 import sql
from sqlalchemy import text
from sqlalchemy.engine import Connection

from egoetl.core.errors import CallerError, ConfigError
from egoetl.core.records import Record
from egoetl.lineage.database import Database
from egoetl.lineage.schema import schema_status, sql_root
from egoetl.lineage.tables.base import SCHEMA

RoleName = Literal["owner", "writer", "reader"]
ROLES: tuple[RoleName, ...] = get_args(RoleName)
_GROUPS = {name: f"egoetl_{name}" for name in ROLES}
_PRESENT = text("SELECT count(*) FROM pg_roles WHERE rolname = ANY(:names)")
# Of a schema that is not there yet: the owner's role, where `make` has let it into this database.
_OWNER = text(
    """
    SELECT coalesce(
        (SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = :schema),
        (SELECT rolname FROM pg_roles WHERE rolname = :owner AND has_database_privilege(oid, current_database(), 'CREATE')),
        current_user
    )
    """
)
_MAY_BECOME = text(
    """
    SELECT pg_has_role(:owner, CASE WHEN current_setting('server_version_num')::integer < 160000 THEN 'MEMBER' ELSE 'SET' END)
    """
)
# Who made a role may, from PostgreSQL 16 on, give it away without having it.
_LOGINS = text(
    """
    SELECT DISTINCT login.rolname AS login, substr(role.rolname, 8) AS role
    FROM pg_roles AS role JOIN pg_auth_members AS membership ON membership.roleid = role.oid
    JOIN pg_roles AS login ON login.oid = membership.member
    WHERE role.rolname = ANY(:names) AND login.rolcanlogin
      AND coalesce(CAST(to_jsonb(membership)->>'set_option' AS boolean), true)
    ORDER BY login, role
    """
)


class Login(Record):
    """A login of the server that belongs to one of the roles."""

    login: str
    role: str


def make(url: str, *, patience_seconds: float = 30.0) -> list[Login]:
    """Make the roles where they are missing, give them what is theirs, and return the logins in them. Repeating it changes nothing.

    Raises ConfigError `database_forbids` for a login that may not make roles.
    """
    database = Database(url, patience_seconds=patience_seconds, application_name="egoetl db roles")
    try:
        return database.transaction(_make)
    finally:
        database.close()


def make_login(url: str, login: str, role: RoleName, password: str, *, patience_seconds: float = 30.0) -> None:
    """Make a login in a role, or give one that is there this password. The server never sees the password, nor does its log."""
    if not password:
        raise ConfigError("The password is empty; set EGOETL_LOGIN_PASSWORD, or write it on standard input.", reason="password_missing")

    def work(connection: Connection) -> None:
        _make_login(connection, _make(connection), login, role, password)

    database = Database(url, patience_seconds=patience_seconds, application_name="egoetl db login")
    try:
        database.transaction(work)
    finally:
        database.close()


def become_owner(connection: Connection) -> bool:
    """Do the rest of the transaction as the owner of the schema, of whom we must be a member; False if we are not."""
    owner = connection.execute(_OWNER, {"schema": SCHEMA, "owner": _GROUPS["owner"]}).scalar_one()
    if not connection.execute(_MAY_BECOME, {"owner": owner}).scalar_one():
        return False
    _run(connection, sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(owner)))
    return True


def grant(connection: Connection) -> None:
    """Give writer and reader what is theirs in the schema; nothing happens on a server that has no such roles."""
    if connection.execute(_PRESENT, {"names": list(_GROUPS.values())}).scalar_one() == len(_GROUPS):
        _run_file(connection, "2_grants.sql")


def _make(connection: Connection) -> list[Login]:
    # Roles are the server's, not the database's: two databases may be made ready at once.
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('lineage.upgrade'))"))
    _run_file(connection, "1_make.sql")
    logins = [Login(**row) for row in connection.execute(_LOGINS, {"names": list(_GROUPS.values())}).mappings()]
    status = schema_status(connection)
    if status.current == status.wanted:  # the next upgrade does it for an older one
        become_owner(connection)
        grant(connection)
        connection.exec_driver_sql("RESET ROLE")
    return logins


def _make_login(connection: Connection, logins: Sequence[Login], login: str, role: RoleName, password: str) -> None:
    known = connection.execute(text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :login)"), {"login": login}).scalar_one()
    held = {each.role for each in logins if each.login == login}
    if known and not held:
        raise CallerError(
            f"There is a login {login!r} that is not egoetl's; choose another name, or have it granted egoetl_{role}.",
            reason="login_foreign",
        )
    driver = cast("psycopg2.extensions.connection", connection.connection.dbapi_connection)
    verifier = psycopg2.extensions.encrypt_password(password, login, driver, "scram-sha-256")
    verb = sql.SQL("ALTER ROLE" if known else "CREATE ROLE")
    _run(connection, sql.SQL("{} {} LOGIN PASSWORD {}").format(verb, sql.Identifier(login), sql.Literal(verifier)))
    for other in held - {role}:
        _run(connection, sql.SQL("REVOKE {} FROM {}").format(sql.Identifier(f"egoetl_{other}"), sql.Identifier(login)))
    _run(connection, sql.SQL("GRANT {} TO {}").format(sql.Identifier(_GROUPS[role]), sql.Identifier(login)))


def _run(connection: Connection, statement: sql.Composed) -> None:
    with closing(cast("psycopg2.extensions.cursor", connection.connection.cursor())) as cursor:
        cursor.execute(statement)


def _run_file(connection: Connection, name: str) -> None:
    content = (sql_root() / "roles" / name).read_text(encoding="utf-8")
    connection.exec_driver_sql(content, execution_options={"no_parameters": True})
