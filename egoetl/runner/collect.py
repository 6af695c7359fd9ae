"""Find what crashes left in the store: files that no lineage row points to, and writes that never ended."""

from egoetl.core.errors import ConfigError
from egoetl.core.records import Record
from egoetl.runner.tools import Tools


class Garbage(Record):
    """Orphans and unfinished writes by path, and the orphans' size together."""

    orphans: tuple[str, ...]
    unfinished: tuple[str, ...]
    size_bytes: int


def collect_garbage(tools: Tools, *, older_than_seconds: float, delete: bool) -> Garbage:
    """Find, and if asked delete, files older than `older_than_seconds` that nothing refers to.

    A version folder without a manifest (a publish that was killed) counts as orphaned; one with a manifest is kept.
    Raises ConfigError `store_of_another_ledger` instead of deleting everything, if the ledger knows none of the files.
    """
    store = tools.store
    # Listed first: what is committed while the ledger is asked is older than the answer.
    listed = list(store.listing())
    referred = tools.reports.known_paths()
    if delete and listed and not any(each.path in referred for each in listed):
        raise ConfigError(
            f"The lineage database knows none of the {len(listed)} files in {tools.settings.store()}, so nothing is deleted; "
            "check that EGOETL_DATABASE_URL and EGOETL_STORE_URL belong together.",
            reason="store_of_another_ledger",
        )
    versions = tuple(each.path.removesuffix("manifest.json") for each in listed if _is_version_manifest(each.path))
    orphans = [
        each
        for each in listed
        if each.age_seconds >= older_than_seconds and each.path not in referred and not (versions and each.path.startswith(versions))
    ]
    if delete:
        for each in orphans:
            store.delete(each.path)
    return Garbage(
        orphans=tuple(each.path for each in orphans),
        unfinished=tuple(store.unfinished(older_than_seconds, discard=delete)),
        size_bytes=sum(each.size_bytes for each in orphans),
    )


def _is_version_manifest(path: str) -> bool:
    return path.startswith("versions/") and path.endswith("/manifest.json")
