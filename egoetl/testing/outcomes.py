"""Builds and outcomes to fill a ledger with, in a test."""

from collections.abc import Sequence
from typing import Any

from egoetl.core.content_key import StageConfig, content_key, sha256_of
from egoetl.core.exchanges import Exchange
from egoetl.core.ids import clip_of, qa_id
from egoetl.core.ledger import BuildSpec, Ledger, Outcome, Part, RefusedRow, ShardRow, Usage
from egoetl.core.ports import Reply, ReplyStatus
from egoetl.core.records import Artifact, Clip, ManifestRow, QAPair, QAPairs, Record, UnitKind


def a_spec(name: str = "demo", *, dataset: str = "egoavu", stages: tuple[str, ...] = ("register", "split", "publish", "gate")) -> BuildSpec:
    """What a build is asked to do."""
    return BuildSpec(
        name=name,
        recipe="egoavu",
        dataset=dataset,
        engine="measured",
        recipe_settings={"seed": "7"},
        manifest="manifest.csv",
        videos="videos",
        stages=stages,
    )


def shard_row(row: int, shard: int, *, video_id: str = "kitchen", split: str = "train", start_ms: int = 0) -> ShardRow:
    """A manifest row of a 20 s window."""
    accepted = ManifestRow(row=row, video_id=video_id, uri=f"{video_id}.mp4", split=split, start_ms=start_ms, end_ms=start_ms + 20_000)
    return ShardRow(row=accepted, shard=shard)


def refused_row(row: int) -> RefusedRow:
    """A manifest line with an end before its start."""
    return RefusedRow(row=row, video_id="hall", reason="window_empty", message=f"Line {row}: the window is empty.")


def config_of(stage: str, prompt: str = "describe") -> StageConfig:
    """A stage's configuration; another prompt makes another one."""
    return StageConfig(
        stage=stage,
        version=1,
        params={"rate": 2},
        prompts={"describe": sha256_of(prompt)},
        schemas={},
        models={"vision": "measured@1"},
        sampling={},
        seed=42,
        decoder=None,
    )


def key_of(stage: str, unit_id: str, inputs: Sequence[str] = (), prompt: str = "describe") -> str:
    """The content key of the unit's result."""
    return content_key(sha256_of(config_of(stage, prompt)), [*inputs, unit_id])


def done(
    stage: str,
    unit_id: str,
    payload: Record | None = None,
    *,
    kind: UnitKind = "segment",
    inputs: tuple[str, ...] = (),
    prompt: str = "describe",
    clip_id: str | None = None,
) -> Outcome:
    """A computed result."""
    return Outcome(
        kind=kind,
        unit_id=unit_id,
        clip_id=clip_id or (None if kind == "row" else clip_of(unit_id)),
        state="done",
        computed=True,
        key=key_of(stage, unit_id, inputs, prompt),
        config_sha=sha256_of(config_of(stage, prompt)),
        inputs=inputs,
        model="measured@1",
        seconds=0.25,
        usage=Usage(requests=1),
        payload=payload,
    )


def dropped(stage: str, unit_id: str, reason: str = "too_dark") -> Outcome:
    """A computed drop."""
    return done(stage, unit_id).model_copy(update={"state": "dropped", "reason": reason, "message": "mean 3 of 255"})


def reused(outcome: Outcome) -> Outcome:
    """The same result, taken from an earlier build."""
    return Outcome(
        kind=outcome.kind,
        unit_id=outcome.unit_id,
        clip_id=outcome.clip_id,
        state=outcome.state,
        computed=False,
        key=outcome.key,
        reason=outcome.reason,
    )


def failed(unit_id: str, reason: str = "reply_truncated", *, kind: UnitKind = "segment", error_class: str = "data") -> Outcome:
    """An attempt that failed."""
    return Outcome(
        kind=kind,
        unit_id=unit_id,
        clip_id=None if kind == "row" else clip_of(unit_id),
        state="failed",
        computed=True,
        reason=reason,
        error_class=error_class,
        message="The reply was cut off.\n\tSee \\the log.",
        seconds=0.5,
    )


def blocked(unit_id: str, *, kind: UnitKind = "clip") -> Outcome:
    """A unit that lacks an input."""
    return Outcome(
        kind=kind,
        unit_id=unit_id,
        clip_id=clip_of(unit_id),
        state="blocked",
        computed=False,
        reason="input_missing",
        message="caption of a segment failed",
    )


def an_exchange(
    stage: str, unit_id: str, status: ReplyStatus = "ok", text: str = '{"caption": "A mug."}', *, ordinal: int = 0, **more: Any
) -> Exchange:
    """What a model was asked about a unit, and its reply."""
    reply = Reply(status="ok", text=text, seconds=0.5, prompt_tokens=640, completion_tokens=58)
    asked = {"stage": stage, "unit_kind": "segment", "unit_id": unit_id, "role": "text", "task": stage, "model": "llama@1", "turn": ordinal}
    return Exchange.of(reply, **{**asked, "request": sha256_of([stage, unit_id, ordinal]), "ordinal": ordinal, "status": status, **more})


def said(outcome: Outcome, *exchanges: Exchange) -> Outcome:
    """The same outcome with what was asked and replied on the way to it."""
    return outcome.model_copy(update={"exchanges": exchanges})


def replies_of(outcomes: Sequence[Outcome], path: str = "replies/ab/part.jsonl.zst") -> Artifact | None:
    """The part file that holds the replies of these outcomes."""
    exchanges = [exchange.request for each in outcomes for exchange in each.exchanges]
    return Artifact(sha256=sha256_of([path, *exchanges]), path=path, size_bytes=90, media_type="application/zstd") if exchanges else None


def part_of(outcomes: Sequence[Outcome], path: str = "captions/ab/part.jsonl.zst") -> Part:
    """The part file that holds the payloads of these outcomes."""
    keys = tuple(each.key for each in outcomes if each.key and each.state == "done")
    return Part(sha256=sha256_of([path, *keys]), path=path, size_bytes=100, keys=keys)


def configs_of(*stages: str, prompt: str = "describe") -> dict[str, StageConfig]:
    """Configurations by sha."""
    return {sha256_of(config_of(each, prompt)): config_of(each, prompt) for each in stages}


def commit(ledger: Ledger, build_seq: int, stage: str, shard: int, outcomes: Sequence[Outcome], *, prompt: str = "describe") -> None:
    """Commit outcomes as a worker would: lease, part, transaction, release."""
    lease = ledger.acquire(build_seq, stage, shard, seconds=30)
    name = f"{build_seq}/{shard}.jsonl.zst"
    replies = replies_of(outcomes, f"replies/{stage}/{name}")
    ledger.commit(lease, outcomes, part_of(outcomes, f"{stage}/{name}"), configs_of(stage, prompt=prompt), replies)
    ledger.release(lease)


def pairs_of(outcome_key: str, clip: Clip, task: str, *questions: str) -> QAPairs:
    """Pairs of one task about a clip."""
    return QAPairs(
        pairs=tuple(
            QAPair(
                qa_id=qa_id(outcome_key, index),
                task=task,
                question=question,
                answer="A red mug.",
                options=("A red mug.", 'A "blue" cup, chipped.'),
                evidence=(f"{clip.clip_id}.000",),
                start_ms=clip.start_ms,
                end_ms=clip.end_ms,
            )
            for index, question in enumerate(questions)
        )
    )
