"""What all tables share: the metadata, the types of ids and keys, and the enumerations."""

from typing import Any, get_args

from sqlalchemy import Enum, LargeBinary, MetaData, Text
from sqlalchemy.types import TypeDecorator

from egoetl.core.ledger import BuildState, UnitState
from egoetl.core.ports import ReplyStatus
from egoetl.core.records import UnitKind

SCHEMA = "lineage"

# The engine's search path names the schema, so that the tables need not.
metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "uq": "%(table_name)s_%(column_0_name)s_key",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    }
)

# Ids are compared byte by byte: the same order on every server, and cheaper than a language's.
Id = Text(collation="C")


class Sha256(TypeDecorator[str]):
    """A sha256: 32 bytes in the table, 64 hexadecimal digits in Python."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> bytes | None:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else bytes.fromhex(value)

    def process_result_value(self, value: bytes | memoryview | None, dialect: Any) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else bytes(value).hex()


unit_kind = Enum(*get_args(UnitKind), name="unit_kind")
unit_state = Enum(*get_args(UnitState), name="unit_state")
build_state = Enum(*get_args(BuildState), name="build_state")
reply_status = Enum(*get_args(ReplyStatus), name="reply_status")
result_status = Enum("ok", "drop", name="result_status")
version_state = Enum("candidate", "published", "superseded", name="version_state")
