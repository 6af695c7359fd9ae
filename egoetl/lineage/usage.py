"""What attempts asked of models, added up as they are committed, so that a report need not read them all."""

from collections.abc import Iterable, Sequence

from sqlalchemy import text
from sqlalchemy.engine import Connection

from egoetl.core.ledger import Outcome
from egoetl.lineage import fresh

# Only the lease's holder adds to these rows, so nobody waits.
_ADD = text(
    """
    INSERT INTO usage_total AS kept
        (build_seq, stage, shard, model, attempts, failed, requests, prompt_tokens, completion_tokens, seconds)
    VALUES (:build_seq, :stage, :shard, :model, :attempts, :failed, :requests, :prompt_tokens, :completion_tokens, :seconds)
    ON CONFLICT (build_seq, shard, stage, model) DO UPDATE SET
        attempts = kept.attempts + EXCLUDED.attempts, failed = kept.failed + EXCLUDED.failed,
        requests = kept.requests + EXCLUDED.requests, seconds = kept.seconds + EXCLUDED.seconds,
        prompt_tokens = coalesce(kept.prompt_tokens + EXCLUDED.prompt_tokens, kept.prompt_tokens, EXCLUDED.prompt_tokens),
        completion_tokens = coalesce(
            kept.completion_tokens + EXCLUDED.completion_tokens, kept.completion_tokens, EXCLUDED.completion_tokens)
    """
)


def add(connection: Connection, place: fresh.Place, outcomes: Sequence[Outcome]) -> None:
    """Add a batch's attempts to the totals of its shard."""
    by_model: dict[str, list[Outcome]] = {}
    for each in outcomes:
        if fresh.was_tried(each):
            by_model.setdefault(each.model or "", []).append(each)
    where = {"build_seq": place.build_seq, "stage": place.stage, "shard": place.shard}
    for model, tried in sorted(by_model.items()):
        connection.execute(_ADD, {**where, "model": model, **_totals(tried)})


def _totals(tried: Sequence[Outcome]) -> dict[str, object]:
    return {
        "attempts": len(tried),
        "failed": sum(each.state == "failed" for each in tried),
        "requests": sum(each.usage.requests for each in tried),
        "prompt_tokens": _sum(each.usage.prompt_tokens for each in tried),
        "completion_tokens": _sum(each.usage.completion_tokens for each in tried),
        "seconds": sum(each.seconds for each in tried),
    }


def _sum(counts: Iterable[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None
