"""What models said on the way to a build, word for word: for whoever asks why a reply was no answer."""

from typing import Any

from egoetl.core.errors import DataError
from egoetl.core.exchanges import Exchange
from egoetl.core.ledger import Build
from egoetl.core.records import Record
from egoetl.runner.tools import Tools


class KeptReply(Record):
    """A reply as lineage knows it, with its words. `exchange` is None where they were withdrawn with their video, or are lost."""

    unit_id: str
    stage: str
    attempt: int
    task: str
    model: str
    status: str
    request: str | None
    part: str | None
    part_row: int | None
    exchange: Exchange | None


class KeptReplies(Record):
    """The first replies of those that were asked for, how many there are, and how all of the build were judged."""

    build: str
    statuses: dict[str, int]
    found: int
    replies: tuple[KeptReply, ...]


def kept_replies(tools: Tools, build: Build, *, unit: str | None, stage: str | None, status: str | None, most: int) -> KeptReplies:
    """The replies of a build, of one unit or stage or status; without a status, of a build only those that are not `ok`."""
    found, rows = tools.reports.replies(build.seq, unit=unit, stage=stage, status=status, most=most)
    statuses = tools.reports.reply_statuses(build.seq)
    return KeptReplies(build=build.spec.name, statuses=statuses, found=found, replies=tuple(_with_words(tools, rows)))


def _with_words(tools: Tools, rows: list[dict[str, Any]]) -> list[KeptReply]:
    from egoetl.storage.parts import PartReader

    reader = PartReader(tools.store)
    names = set(KeptReply.model_fields) - {"exchange"}
    return [KeptReply(**{name: row[name] for name in names}, exchange=_words(reader, row["part"], row["part_row"])) for row in rows]


def _words(reader: Any, part: str | None, row: int | None) -> Exchange | None:
    if part is None or row is None:
        return None
    try:
        return reader.record(part, row, Exchange)
    except DataError:  # `store check` says which files are lost
        return None
