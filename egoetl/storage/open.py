"""From settings to a store."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from egoetl.core.errors import ConfigError
from egoetl.core.ports import FirstWrites, Store
from egoetl.core.settings import Settings
from egoetl.storage.local import LocalStore


def open_store(settings: Settings, first_writes: Callable[[], FirstWrites]) -> Store:
    """The store at `file:///absolute/folder` or `s3://bucket/prefix`; asks nothing yet.

    `first_writes` is called only for an S3 server without conditional writes. Raises ConfigError `store_scheme_unknown` or
    `store_url_invalid`.
    """
    url = settings.store()
    match urlsplit(url).scheme:
        case "file":
            return LocalStore(_folder(url))
        case "s3":
            from egoetl.storage.s3 import S3Store

            return S3Store.open(settings, first_writes)
        case _:
            raise ConfigError(
                f"{url!r} is no address of a store; write file:///absolute/folder or s3://bucket/prefix.", reason="store_scheme_unknown"
            )


def _folder(url: str) -> Path:
    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost") or not parts.path.startswith("/") or parts.query or parts.fragment:
        raise ConfigError(f"{url!r} names no folder of this machine; write file:///absolute/folder.", reason="store_url_invalid")
    return Path(unquote(parts.path))
