"""From an address to a store."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from egoetl.core.errors import ConfigError
from egoetl.core.ports import Store
from egoetl.storage.local import LocalStore


def open_store(url: str) -> Store:
    """The store at `file:///absolute/folder`. Raises ConfigError `store_scheme_unknown` or `store_url_invalid`."""
    parts = urlsplit(url)
    if parts.scheme != "file":
        raise ConfigError(f"{url!r} is no address of a store; write file:///absolute/folder.", reason="store_scheme_unknown")
    if parts.netloc not in ("", "localhost") or not parts.path.startswith("/") or parts.query or parts.fragment:
        raise ConfigError(f"{url!r} names no folder of this machine; write file:///absolute/folder.", reason="store_url_invalid")
    return LocalStore(Path(unquote(parts.path)))
