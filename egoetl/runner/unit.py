"""Make the result of one unit: run the stage's function, and turn whatever happens into an outcome."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from egoetl.core.errors import CallerError, ConfigError, InternalError, ItemConfigError, describe
from egoetl.core.ids import clip_of
from egoetl.core.ledger import Outcome, UnitStatus
from egoetl.core.media_port import Media
from egoetl.core.ports import Engine, Store
from egoetl.core.recipe import Recipe
from egoetl.core.records import Drop, Record
from egoetl.core.stage import Params, Stage
from egoetl.runner.inputs import Blocked, Ready
from egoetl.runner.question_parts import QuestionsOf, no_questions
from egoetl.runner.sources import SourceVideos
from egoetl.runner.stage_io import UnitIO


@dataclass(frozen=True)
class Workbench:
    """Everything that the units of one stage share."""

    recipe: Recipe
    stage: Stage
    config_sha: str
    media: Media
    store: Store
    engines: Mapping[str, Engine]
    sources: SourceVideos
    questions: QuestionsOf = no_questions

    def io(self, key: str, unit_id: str) -> UnitIO:
        """A StageIO for the result under `key`, of that unit."""
        return UnitIO(key, unit_id, self.stage, self.recipe, self.media, self.store, self.engines, self.sources, self.questions)

    @cached_property
    def params(self) -> Params:
        """The stage's parameters."""
        return self.recipe.params_of(self.stage)

    @cached_property
    def models(self) -> str | None:
        """The models that the stage asks, for its attempts."""
        return ", ".join(sorted({self.engines[role].model for role in self.stage.roles})) or None


async def compute(bench: Workbench, ready: Ready, key: str) -> Outcome:
    """Run the stage for one unit.

    A failure of the item becomes an outcome and the shard goes on. A wrong call or configuration is not the
    item's fault: it is raised and ends the run.
    """
    started = time.perf_counter()
    with bench.io(key, ready.unit.unit_id) as io:
        try:
            made = _checked(bench.stage, await bench.stage.run(ready.item, bench.params, io))
        except (CallerError, ConfigError) as error:
            if not isinstance(error, ItemConfigError):
                raise
            result = failed(ready, error)
        except Exception as error:  # noqa: BLE001 - the boundary of one item: whatever it raises is recorded, and the others go on
            result = failed(ready, error)
        else:
            result = _made(ready, key, bench.config_sha, made)
        asked = {"model": bench.models, "usage": io.usage(), "exchanges": io.exchanges(ready.unit.kind)}
        return result.model_copy(update={**asked, "seconds": time.perf_counter() - started})


def _checked(stage: Stage, made: Record) -> Record:
    """What the stage returned, if it is what its signature promises."""
    if not isinstance(made, (stage.output, Drop)):
        raise InternalError(
            f"Stage {stage.name} returned {type(made).__name__} instead of {stage.output.__name__} or Drop.", reason="stage_output_wrong"
        )
    return made


def _made(ready: Ready, key: str, config_sha: str, made: Record) -> Outcome:
    dropped = isinstance(made, Drop)
    return Outcome(
        kind=ready.unit.kind,
        unit_id=ready.unit.unit_id,
        clip_id=ready.unit.clip_id,
        state="dropped" if dropped else "done",
        computed=True,
        key=key,
        config_sha=config_sha,
        inputs=ready.edges,
        reason=made.reason if isinstance(made, Drop) else None,
        message=made.detail if isinstance(made, Drop) else None,
        payload=None if dropped else made,
    )


def failed(ready: Ready, error: BaseException) -> Outcome:
    """The outcome of a unit that raised `error`."""
    error_class, reason, message = describe(error)
    unit = ready.unit
    return Outcome(
        kind=unit.kind, unit_id=unit.unit_id, clip_id=unit.clip_id, state="failed", computed=True,
        error_class=error_class, reason=reason, message=message[:2000],
    )  # fmt: skip


def blocked(each: Blocked) -> Outcome:
    """The outcome of a unit that lacks an input."""
    unit = each.unit
    return Outcome(
        kind=unit.kind, unit_id=unit.unit_id, clip_id=unit.clip_id, state="blocked", computed=False,
        reason="input_missing", message=each.message,
    )  # fmt: skip


def reused(ready: Ready, key: str, drop_reason: str | None, payload: Record | None) -> Outcome:
    """The outcome of a unit whose result some build has committed already."""
    unit = ready.unit
    return Outcome(
        kind=unit.kind, unit_id=unit.unit_id, clip_id=unit.clip_id, state="dropped" if drop_reason else "done", computed=False,
        key=key, reason=drop_reason, payload=payload,
    )  # fmt: skip


def gone(status: UnitStatus) -> Outcome:
    """The outcome of a unit that an earlier run of the build knew and that exists no more."""
    return Outcome(
        kind=status.kind, unit_id=status.unit_id, clip_id=clip_of(status.unit_id) if status.kind in ("clip", "segment") else None,
        state="dropped", computed=False, reason="unit_gone", message="An earlier stage has dropped it since, or made others in its place.",
    )  # fmt: skip
