"""Checks of an installation: each tries the thing itself and says what helps if it fails."""

import secrets
import sys
from collections.abc import Callable

from egoetl.core.errors import ConfigError, EgoetlError
from egoetl.core.recipe import ENGINES
from egoetl.core.records import Record
from egoetl.core.settings import Settings, load_settings
from egoetl.runner.tools import Tools


class Check(Record):
    """One thing that was tried. `detail` is a version or an address, or what went wrong and the remedy."""

    name: str
    ok: bool
    detail: str


def run_checks() -> list[Check]:
    """Try everything that a build needs; a failed check does not keep the others from being tried."""
    checks = [Check(name="python", ok=True, detail=sys.version.split()[0])]
    try:
        # Doctor answers now: it does not wait minutes for a database that is away.
        settings = load_settings().model_copy(update={"patience_seconds": 2.0})
    except ConfigError as error:
        return [*checks, Check(name="settings", ok=False, detail=str(error))]
    tools = Tools(settings)
    return [
        *checks,
        _try("database", lambda: _database(tools)),
        _try("store", lambda: _store(tools, settings)),
        _try("decoder", lambda: tools.media.decoder),
        _try("engines", lambda: ", ".join(ENGINES)),
        _try("recipes", _recipes),
    ]


def _try(name: str, check: Callable[[], str]) -> Check:
    try:
        return Check(name=name, ok=True, detail=check())
    except EgoetlError as error:
        return Check(name=name, ok=False, detail=str(error))
    except OSError as error:
        return Check(name=name, ok=False, detail=f"{error.strerror}: {error.filename}; mend its permissions or name another place.")
    except ImportError as error:
        return Check(name=name, ok=False, detail=f"{error.name} is not installed; run `pip install 'egoetl[control]'`.")


def _database(tools: Tools) -> str:
    return f"lineage schema up to date, {len(tools.reports.list_builds())} builds"


def _store(tools: Tools, settings: Settings) -> str:
    """Write a file that nobody refers to, read it back, and remove it."""
    path, data = f"doctor/{secrets.token_hex(8)}", secrets.token_bytes(64)
    tools.store.create(path, data)
    try:
        if tools.store.read(path) != data:
            raise ConfigError(f"{settings.store()} gave back other bytes than were written; check the disk.", reason="store_unreliable")
    finally:
        tools.store.delete(path)
    return settings.store()


def _recipes() -> str:
    from egoetl.recipes.index import load, names

    return ", ".join(load(name).name for name in names())
