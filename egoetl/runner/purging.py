"""Withdraw a video: from the store, from lineage, and so from every version to come.

In this order, so that it may be killed anywhere and run again: parts are written anew without the video's records, as files
that nothing points to yet; one transaction takes the video out of lineage, points to the new parts, notes the files that are to
go and leaves a tombstone; then those files are deleted, with whatever crashes left in the store, which may hold its text too.
"""

import getpass
import socket
from collections.abc import Iterable, Iterator

from egoetl.core.errors import DataError, TryAgainError
from egoetl.core.ports import Store
from egoetl.core.records import Artifact, Record
from egoetl.lineage.withdrawal_survey import HoldingVersion, PartRows, Survey
from egoetl.lineage.withdrawing import Leftovers, Rewritten, Withdrawals
from egoetl.runner.tools import Tools
from egoetl.storage.blanking import blank_rows, rows_with

_TRIES = 3


class Purge(Record):
    """What a purge took away, or would."""

    video: str
    """Its sha256."""
    video_ids: tuple[str, ...]
    done: bool
    counts: dict[str, int]
    """What lineage had of it: manifest_rows, clips, segments, pairs, results, replies. Empty for a video that was withdrawn before."""
    rewritten_parts: int
    deleted_files: int
    versions: tuple[HoldingVersion, ...]
    """The versions that hold pairs about it; `path` is an address."""


def survey_video(tools: Tools, name: str) -> Purge:
    """What `purge_video` would take away. Raises CallerError `video_unknown` or `video_ambiguous`."""
    withdrawals = Withdrawals(tools.ledger)
    video, withdrawn = withdrawals.find(name)
    if withdrawn:
        return _report(tools, withdrawals, video, None, done=False)
    found, versions = withdrawals.survey(video)
    return Purge(
        video=video,
        video_ids=found.video_ids,
        done=False,
        counts=found.counts,
        rewritten_parts=_rewritten_parts(found),
        deleted_files=len(found.files) + len(found.parts) + len(found.reply_parts),
        versions=_with_addresses(tools, versions),
    )


def purge_video(tools: Tools, name: str, why: str | None) -> Purge:
    """Withdraw the video that a manifest id or a sha256 names; of one that is withdrawn already, what is left.

    Raises:
        CallerError: `video_unknown`, or the name stands for several files (`video_ambiguous`).
        TryAgainError: a worker is at a build, or a version is being published (`builds_running`).
    """
    withdrawals = Withdrawals(tools.ledger)
    video, withdrawn = withdrawals.find(name)
    withdrawals.check_nobody_works()
    found = None if withdrawn else _take_out(tools, withdrawals, video, why)
    deleted = withdrawals.clean(lambda leftovers: _delete(tools.store, leftovers))
    return _report(tools, withdrawals, video, found, done=True).model_copy(update={"deleted_files": deleted})


def _take_out(tools: Tools, withdrawals: Withdrawals, video: str, why: str | None) -> Survey:
    """Take the video out of lineage; returns what there was of it."""
    by = f"{getpass.getuser()}@{socket.gethostname()}"
    for _ in range(_TRIES):
        found, _ = withdrawals.survey(video)
        results, replies = (dict(_rewritten(tools.store, parts)) for parts in (found.parts, found.reply_parts))
        rewritten = Rewritten(results=results, replies=replies)
        if withdrawals.forget(found, rewritten, _heirs(tools.store, withdrawals, found), by=by, why=why):
            return found
        if withdrawals.find(video)[1]:  # the answer to the call that withdrew it was lost
            return found
    raise TryAgainError("Lineage changed while the video was being withdrawn; run the same command again.", reason="lineage_changed")


def _rewritten(store: Store, parts: Iterable[PartRows]) -> Iterator[tuple[int, Artifact]]:
    """Part id to the file that takes its place. A part that cannot be read holds nothing to take away."""
    for each in parts:
        if each.stays and store.exists(each.path):
            yield each.part_id, blank_rows(store, each.path, each.gone)


def _heirs(store: Store, withdrawals: Withdrawals, found: Survey) -> dict[str, str]:
    """Files that another video's results point to as well, such as equal silences: sha256 to the first such result."""
    heirs: dict[str, str] = {}
    going = {(each.part_id, row) for each in found.parts for row in each.gone}
    for part_id, path in found.pointing_parts:
        for sha256, row in rows_with(store, path, [each.sha256 for each in found.files]) if store.exists(path) else ():
            # None, where `store check --repair` has forgotten the row's result.
            if (part_id, row) not in going and (keys := withdrawals.keys_at(part_id, row)):
                heirs.setdefault(sha256, keys[0])
    return heirs


def _delete(store: Store, leftovers: Leftovers) -> int:
    """Delete what purges took out of lineage and what crashes left behind; returns the number of files."""
    paths = list(store.paths())
    if leftovers.known and not leftovers.known.intersection(paths):
        raise DataError(
            "The store has none of the files that lineage knows, so nothing was deleted; check that EGOETL_STORE_URL and "
            "EGOETL_DATABASE_URL belong together, then run the same command again.",
            reason="store_of_another_ledger",
        )
    folders = {path.split("/", 1)[0] for path in (*leftovers.known, *leftovers.doomed)}
    going = [path for path in paths if path not in leftovers.known and _is_left(path, folders, leftovers)]
    for path in going:
        store.delete(path)
    return len(going) + len(store.unfinished(0, discard=True))


def _is_left(path: str, folders: set[str], leftovers: Leftovers) -> bool:
    """Whether a path that no result points to is a leftover: of a stage, or of a version that was never recorded."""
    if path in leftovers.doomed:
        return True
    top, *below = path.split("/", 3)
    if top == "versions":
        return len(below) == 3 and "/".join((top, *below[:2])) not in leftovers.versions
    return top in folders


def _report(tools: Tools, withdrawals: Withdrawals, video: str, found: Survey | None, *, done: bool) -> Purge:
    kept = withdrawals.tombstone(video)
    return Purge(
        video=video,
        video_ids=kept.video_ids,
        done=done,
        counts=found.counts if found else {},
        rewritten_parts=_rewritten_parts(found) if found else 0,
        deleted_files=0,
        versions=_with_addresses(tools, kept.versions),
    )


def _rewritten_parts(found: Survey) -> int:
    return sum(each.stays for each in (*found.parts, *found.reply_parts))


def _with_addresses(tools: Tools, versions: tuple[HoldingVersion, ...]) -> tuple[HoldingVersion, ...]:
    return tuple(each.model_copy(update={"path": tools.store.url(each.path)}) for each in versions)
