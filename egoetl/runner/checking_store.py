"""Check that the store holds what lineage says, byte by byte, and have made again what it does not."""

from collections.abc import Iterator

from egoetl.core.errors import DataError
from egoetl.core.ports import Store
from egoetl.core.records import Artifact, Record
from egoetl.lineage.forgetting import KeptFiles, Lost, Pointing
from egoetl.runner.tools import Tools
from egoetl.storage.blanking import rows_with


class LostFile(Record):
    """A file that is not as lineage has it: `missing`, or `damaged` where its bytes are others."""

    path: str
    what: str


class BuildToRetry(Record):
    """A build with units to make again."""

    build: str
    units: int


class StoreCheck(Record):
    """What a check of the store found. `builds` is empty unless it was repaired."""

    checked: int
    lost: tuple[LostFile, ...]
    repaired: bool
    builds: tuple[BuildToRetry, ...]


def check_store(tools: Tools, *, repair: bool) -> StoreCheck:
    """Read every file that lineage knows; with `repair`, forget the results that are lost, so that `build retry` makes them.

    Raises TryAgainError `builds_running` for a repair while a worker is at a build.
    """
    kept = KeptFiles(tools.ledger)
    parts, files, replies = kept.parts(), kept.files(), kept.reply_parts()
    lost_parts, lost_files, lost_replies = (list(_lost(tools.store, each)) for each in (parts, files, replies))
    lost = (*lost_parts, *lost_files, *lost_replies)
    builds: tuple[BuildToRetry, ...] = ()
    if repair and lost:
        builds = _repair(tools, kept, lost_parts, lost_files, lost_replies, {each.path: each.sha256 for each in files})
    return StoreCheck(checked=len(parts) + len(files) + len(replies), lost=lost, repaired=repair, builds=builds)


def _lost(store: Store, kept: list[Artifact]) -> Iterator[LostFile]:
    for each in kept:
        if not store.exists(each.path):
            yield LostFile(path=each.path, what="missing")
        elif not _is_whole(store, each):
            yield LostFile(path=each.path, what="damaged")


def _is_whole(store: Store, kept: Artifact) -> bool:
    try:
        return store.sha256(kept.path) == kept.sha256
    except DataError:  # gone meanwhile
        return False


def _repair(
    tools: Tools, kept: KeptFiles, parts: list[LostFile], files: list[LostFile], replies: list[LostFile], sha256_of: dict[str, str]
) -> tuple[BuildToRetry, ...]:
    """Forget first: a killed repair leaves files that nothing points to, and never a pointer to nothing that it made."""
    gone = {each.path for each in parts}
    words = [sha256_of[each.path] for each in files]
    pointing = [
        Pointing(part=path, row=row)
        for path in (kept.pointing_parts() if words else ())
        if path not in gone
        for _, row in rows_with(tools.store, path, words)
    ]
    lost_replies = tuple(each.path for each in replies)
    lost = Lost(parts=tuple(gone), files=tuple(each.path for each in files), reply_parts=lost_replies, pointing=tuple(pointing))
    builds = kept.forget(lost)
    for each in (*parts, *files, *replies):
        tools.store.delete(each.path)
    return tuple(BuildToRetry(**each) for each in builds)
