"""Stores on S3 servers, behind a proxy where a test wants one."""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from egoetl.core.ports import FirstWrites
from egoetl.core.settings import Settings
from egoetl.storage.s3 import S3Store
from egoetl.testing.s3_server import S3Server
from egoetl.testing.tcp_proxy import TcpProxy


def no_claims() -> FirstWrites:
    pytest.fail("these servers have conditional writes, and nobody is asked")


@pytest.fixture
def open_s3(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., S3Store]:
    """`open_s3(server, url=None, **settings)`: a store in a bucket of its own, or at `url`, with a cache of its own."""

    def opened(server: S3Server, url: str | None = None, **settings: object) -> S3Store:
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value)
        values = {"patience_seconds": 60, "s3_part_megabytes": 5, "cache_folder": tmp_path / f"cache-{secrets.token_hex(4)}"}
        address = url or f"s3://{server.make_bucket()}/nights"
        return S3Store.open(Settings(**{**values, "store_url": address, **settings}), no_claims)

    return opened


@pytest.fixture
def proxy(radosgw: S3Server) -> Iterator[TcpProxy]:
    """A proxy before radosgw."""
    host, _, port = radosgw.endpoint.removeprefix("http://").partition(":")
    with TcpProxy(host, int(port)) as between:
        yield between


@pytest.fixture
def proxied(radosgw: S3Server, proxy: TcpProxy) -> S3Server:
    """radosgw behind the proxy."""
    return radosgw.at(proxy.endpoint)


@pytest.fixture
def large_file(tmp_path: Path) -> Path:
    """Three parts of 5 MiB, the last of them short."""
    file = tmp_path / "large.bin"
    file.write_bytes(secrets.token_bytes(11_000_000))
    return file
