"""What models replied, with the attempts that asked: a row an exchange, copied in the transaction of a commit."""

from collections import Counter
from collections.abc import Iterator, Sequence

from sqlalchemy import text
from sqlalchemy.engine import Connection

from egoetl.core.exchanges import Exchange
from egoetl.core.ledger import Outcome
from egoetl.core.records import Artifact
from egoetl.lineage import bulk, fresh

_REPLY = (
    "build_seq", "stage", "shard", "unit_kind", "unit_id", "number", "reply_part_id", "part_row", "ordinal", "turn", "tries", "role",
    "task", "model", "status", "finish_reason", "prompt_tokens", "completion_tokens", "cached_tokens", "thinking_length", "seconds",
    "request",
)  # fmt: skip
_INSERT_PART = text(
    """
    INSERT INTO reply_part (build_seq, sha256, path, size_bytes, rows)
    VALUES (:build_seq, decode(:sha256, 'hex'), :path, :size_bytes, :rows) RETURNING id
    """
)
_ATTEMPTS = text(
    """
    SELECT unit_id, attempts FROM build_unit
    WHERE build_seq = :build_seq AND stage = :stage AND shard = :shard AND unit_id = ANY(string_to_array(:units, chr(10)))
    """
)


def keep(connection: Connection, place: fresh.Place, outcomes: Sequence[Outcome], part: Artifact) -> None:
    """Record the exchanges of a batch whose units and attempts are recorded; `part` holds them in this order."""
    numbers = _attempt_numbers(connection, place, outcomes)
    rows = sum(len(each.exchanges) for each in outcomes)
    values = {"build_seq": place.build_seq, "sha256": part.sha256, "path": part.path, "size_bytes": part.size_bytes, "rows": rows}
    part_id: int = connection.execute(_INSERT_PART, values).scalar_one()
    said = ((number, exchange) for number, each in zip(numbers, outcomes, strict=True) for exchange in each.exchanges)
    bulk.copy_lines(connection, "reply", _REPLY, _lines(place, part_id, said))


def _attempt_numbers(connection: Connection, place: fresh.Place, outcomes: Sequence[Outcome]) -> list[int]:
    """Which attempt at its unit each outcome was; the last one that was tried is the unit's last so far."""
    units = "\n".join({each.unit_id for each in outcomes if each.exchanges})
    values = {"build_seq": place.build_seq, "stage": place.stage, "shard": place.shard, "units": units}
    last = {row.unit_id: row.attempts for row in connection.execute(_ATTEMPTS, values)}
    later = Counter[str]()
    numbers = list[int]()
    for each in reversed(outcomes):
        numbers.append(last.get(each.unit_id, 0) - later[each.unit_id])
        later[each.unit_id] += fresh.was_tried(each)
    return numbers[::-1]


def _lines(place: fresh.Place, part_id: int, said: Iterator[tuple[int, Exchange]]) -> Iterator[str]:
    """Rows in COPY's text format."""
    for row, (number, each) in enumerate(said):
        where = f"{place.build_seq}\t{place.stage}\t{place.shard}\t{each.unit_kind}\t{bulk.field(each.unit_id)}\t{number}\t{part_id}\t{row}"
        asked = f"{each.ordinal}\t{each.turn}\t{each.tries}\t{bulk.field(each.role)}\t{bulk.field(each.task)}\t{bulk.field(each.model)}"
        counts = (each.prompt_tokens, each.completion_tokens, each.cached_tokens)
        tokens = "\t".join("\\N" if count is None else str(count) for count in counts)
        came = f"{each.status}\t{bulk.field(each.finish_reason)}\t{tokens}\t{len(each.thinking)}\t{each.seconds!r}"
        yield f"{where}\t{asked}\t{came}\t{bulk.key(each.request)}\n"
