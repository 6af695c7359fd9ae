"""Find what crashes left in the store: files that no lineage row points to."""

from egoetl.core.records import Record
from egoetl.runner.tools import Tools


class Garbage(Record):
    """Orphans by path, and their size together."""

    paths: tuple[str, ...]
    size_bytes: int


def collect_garbage(tools: Tools, *, older_than_seconds: float, delete: bool) -> Garbage:
    """Find, and if asked delete, files older than `older_than_seconds` that neither lineage nor a version refers to.

    Version folders without a manifest (a publish that was killed) count as orphans; those with one are kept.
    """
    from egoetl.storage.open import open_store

    store = open_store(tools.settings.store())
    known = tools.reports.known_paths()
    versions = {path.rsplit("/", 1)[0] + "/" for path in store.paths("versions") if path.endswith("/manifest.json")}
    orphans = [
        (path, size)
        for path, size in store.older_than(older_than_seconds)
        if path not in known and not any(path.startswith(folder) for folder in versions)
    ]
    if delete:
        for path, _ in orphans:
            store.delete(path)
    return Garbage(paths=tuple(path for path, _ in orphans), size_bytes=sum(size for _, size in orphans))
