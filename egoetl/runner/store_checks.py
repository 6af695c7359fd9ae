"""Checks of the store: a folder and its disk, or S3 and what this identity may do there."""

import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from egoetl.core.errors import ConfigError
from egoetl.core.settings import Settings
from egoetl.runner.check import Check, tried
from egoetl.runner.tools import Tools

_LEAST_DISK_BYTES = 2_000_000_000
_GIGABYTE = 1_000_000_000


def store_checks(tools: Tools, settings: Settings) -> Iterator[Check]:
    """Write, read and delete; then what belongs to this kind of store."""
    store = tried("store", lambda: _store(tools, settings))
    yield store
    if not store.ok:  # nothing can be asked of a store that is away
        return
    if settings.store().startswith("file:"):
        yield tried("disk", lambda: _disk(Path(unquote(urlsplit(settings.store()).path))))
    else:
        yield tried("store creates once", lambda: _creates_once(tools))
        yield tried("store uploads", lambda: _uploads(tools))
        yield tried("store versioning", lambda: _versioning(tools))
        yield tried("cache", lambda: _disk(settings.cache))


def _store(tools: Tools, settings: Settings) -> str:
    """Write a file that nobody refers to, find it, read it back, and remove it."""
    path, data = f"doctor/{secrets.token_hex(8)}", secrets.token_bytes(64)
    tools.store.create(path, data)
    try:
        if list(tools.store.paths("doctor")).count(path) != 1 or tools.store.read(path) != data:
            raise ConfigError(f"{settings.store()} gave back other bytes than were written; check the disk.", reason="store_unreliable")
    finally:
        tools.store.delete(path)
    return settings.store()


def _creates_once(tools: Tools) -> str:
    from egoetl.storage.s3 import S3Store

    if not isinstance(tools.store, S3Store) or tools.store.creates_by_server:
        return "the server's conditional writes decide who writes a path first"
    return "the server has no conditional writes: claims in the lineage database decide who writes a path first"


def _uploads(tools: Tools) -> str:
    """Listing and ending uploads in parts is a permission of its own, which `store gc` needs."""
    return f"{len(tools.store.unfinished(0, discard=False))} unfinished uploads; `egoetl store gc` ends old ones"


def _versioning(tools: Tools) -> str:
    from egoetl.storage.s3 import S3Store

    if isinstance(tools.store, S3Store) and tools.store.keeps_versions():
        return "on: deleted and purged files stay as old versions until a lifecycle rule of the bucket ends them"
    return "off: what is deleted is gone"


def _disk(folder: Path) -> str:
    while not folder.exists():  # it is made when it is first needed
        folder = folder.parent
    usage = shutil.disk_usage(folder)
    if usage.free < _LEAST_DISK_BYTES:
        raise ConfigError(
            f"{folder} has {usage.free / _GIGABYTE:.1f} GB free; free at least {_LEAST_DISK_BYTES / _GIGABYTE:.0f} GB, "
            "`egoetl store gc` lists what nothing points to.",
            reason="disk_full",
        )
    return f"{usage.free / _GIGABYTE:.0f} of {usage.total / _GIGABYTE:.0f} GB free"
