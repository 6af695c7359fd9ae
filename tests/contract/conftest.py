"""Stores on S3 servers, for the suite that every store passes."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from egoetl.core.ports import FirstWrites, Store
from egoetl.core.settings import Settings
from egoetl.lineage.database import Database
from egoetl.lineage.first_writes import PostgresFirstWrites
from egoetl.local.postgres import Postgres
from egoetl.storage.open import open_store
from egoetl.testing.s3_server import S3Server
from egoetl.testing.tcp_proxy import TcpProxy


def no_claims() -> FirstWrites:
    pytest.fail("this server has conditional writes, and nobody is asked")


@pytest.fixture
def store_on_moto(moto: S3Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Store:
    return _store(moto, monkeypatch, tmp_path)


@pytest.fixture
def store_on_radosgw(radosgw: S3Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Store:
    return _store(radosgw, monkeypatch, tmp_path)


@pytest.fixture(scope="session")
def first_writes(postgres_server: Postgres, migrated_template: str, database_names: Iterator[str]) -> Iterator[FirstWrites]:
    """Claims in a lineage database; each test has a bucket of its own, and so addresses."""
    name = next(database_names)
    postgres_server.create_database(name, template=migrated_template)
    database = Database(postgres_server.url(name), patience_seconds=30)
    yield PostgresFirstWrites(database)
    database.close()


@pytest.fixture
def store_on_claims(moto: S3Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, first_writes: FirstWrites) -> Iterator[Store]:
    """moto checks no signatures, so that a proxy can hide the header from it."""
    host, _, port = moto.endpoint.removeprefix("http://").partition(":")
    with TcpProxy(host, int(port)) as proxy:
        proxy.renaming = b"If-None-Match", b"X-Not-Looked-At"
        yield _store(moto.at(proxy.endpoint), monkeypatch, tmp_path, first_writes=first_writes)


def _store(server: S3Server, monkeypatch: pytest.MonkeyPatch, folder: Path, first_writes: FirstWrites | None = None) -> Store:
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    url = f"s3://{server.make_bucket()}/{secrets.token_hex(4)}"
    settings = Settings(store_url=url, cache_folder=folder / "cache", patience_seconds=60)
    return open_store(settings, lambda: first_writes or no_claims())
