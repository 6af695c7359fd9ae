"""What a backfill may be asked for, and what it answers before it runs."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from egoetl.core.ledger import Pointer, UnitState
from egoetl.core.records import ManifestRow, Record, UnitKind

_PROMPT = re.compile(r"([A-Za-z0-9_]+@)?[0-9a-f]{8,64}")
ErrorClass = Literal["data", "caller", "config", "try_again", "internal"]


class Selection(Record):
    """Which units of a dataset are to be made again.

    Without `drop_reason`, `prompt` and `model`: those that failed and that no later build has mended. With any of them: finished
    ones that were dropped for that reason, or made with that prompt or model. `nights` are first and last day, as YYYY-MM-DD.
    `limit` counts clips.
    """

    build: str | None = None
    nights: tuple[str, str] | None = None
    stages: tuple[str, ...] = ()
    error_class: ErrorClass | None = None
    reason: str | None = None
    drop_reason: str | None = None
    prompt: str | None = None
    """Its sha256 or the first 8 digits or more of it, after `name@` or alone."""
    model: str | None = None
    """id@revision."""
    since: datetime | None = None
    """Only what failed, or was made, at this time or later."""
    limit: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if not self.of_failed and (self.error_class or self.reason):
            raise ValueError(
                "an error class or reason means failed units, a drop reason, prompt or model finished ones: give one or the other"
            )
        if self.prompt is not None and not _PROMPT.fullmatch(self.prompt):
            raise ValueError("the prompt is its sha256, or the first 8 digits or more of it, alone or after NAME@")
        if self.nights is not None and self.nights[1] < self.nights[0]:
            raise ValueError("the last night comes before the first")
        if self.build is not None and self.nights is not None:
            raise ValueError("name a build or nights, not both")
        return self

    @property
    def of_failed(self) -> bool:
        """Whether it is about failed units, not about finished ones."""
        return self.drop_reason is None and self.prompt is None and self.model is None


class SelectedUnit(Record):
    """A unit of an earlier build that is to be made again."""

    build_seq: int
    build: str
    shard: int
    stage: str
    kind: UnitKind
    unit_id: str
    clip_id: str | None
    state: UnitState
    reason: str | None


class SelectedRow(Record):
    """A manifest row of an earlier build, that build, the shard that had it, and the clip that it turned out to be."""

    build_seq: int
    shard: int
    clip_id: str | None
    row: ManifestRow


class PastResult(Record):
    """The result that a unit had under `key`: how it was configured, and where it lies (None for a drop)."""

    key: str
    config_sha: str
    pointer: Pointer | None


class Cost(Record):
    """What past attempts at a stage took, together. Tokens are None where nobody counted."""

    attempts: int
    seconds: float
    prompt_tokens: int | None
    completion_tokens: int | None


class StageForecast(Record):
    """What a backfill would do in one stage.

    `selected` units were asked for, `computed` have no result under their key yet, `blocked` of these have stood blocked,
    `reused` have one. Estimates are for `computed`; None where no attempt of that stage and model is known.
    """

    stage: str
    selected: int
    computed: int
    blocked: int
    reused: int
    seconds: float | None
    prompt_tokens: int | None
    completion_tokens: int | None


class Forecast(Record):
    """The answer of a dry run."""

    dataset: str
    mends: tuple[str, ...]
    """The builds that the units were selected from, oldest first."""
    clips: int
    shards: int
    selected: tuple[Mapping[str, Any], ...]
    """stage, state, reason, units."""
    stages: tuple[StageForecast, ...]
    undrafted: int
    """QA units whose pairs are not known before they are made, so that `verify` has more units than its forecast."""
    unforeseen: int
    """Other units whose inputs are not known before they are made."""
    pairs: int
    """Pairs whose QA results get replaced."""
    versions: tuple[int, ...]
    """Versions that hold any of these pairs; they stay as they are."""
    unchanged: int
    """Selected units whose results would only be reused, because nothing that they depend on has changed."""
    refused_rows: int
    """Manifest rows of these builds that were refused: a backfill cannot build them."""
    unfinished: tuple[str, ...]
    """Builds that were left out because they have not come to their gate."""

    @property
    def computed(self) -> int:
        """Units that would be computed."""
        return sum(each.computed for each in self.stages)
