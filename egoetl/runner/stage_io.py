"""What a stage touches while it works on one unit: the real StageIO."""

import hashlib
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import pydantic
from pydantic import BaseModel

from egoetl.core.errors import DataError, InternalError, TryAgainError
from egoetl.core.items import Item, SampledSegment
from egoetl.core.ledger import Usage
from egoetl.core.ports import Engine, Media, Message, Reply, Request, SampledMedia, Sampling, Store
from egoetl.core.recipe import Recipe
from egoetl.core.records import Clip, Segment, Video
from egoetl.core.stage import Stage
from egoetl.runner.sources import SourceFolder

T = TypeVar("T", bound=BaseModel)


class Asked(NamedTuple):
    """A request, who was asked, and what came back."""

    model: str
    request: Request
    reply: Reply


@dataclass
class UnitIO:
    """One unit's view of the adapters; counts what it asks of models. Use as a context manager."""

    key: str
    stage: Stage
    recipe: Recipe
    media: Media
    store: Store
    engines: Mapping[str, Engine]
    sources: SourceFolder
    asked: list[Asked] = field(default_factory=list[Asked])
    _folders: list[Path] = field(default_factory=list[Path])

    def __enter__(self) -> "UnitIO":
        return self

    def __exit__(self, *_: object) -> None:
        for folder in self._folders:
            shutil.rmtree(folder, ignore_errors=True)

    def source(self, uri: str) -> Path:
        """The file of a manifest uri."""
        return self.sources.find(uri)

    def source_of(self, video: Video) -> Path:
        """The file with a registered video's bytes."""
        return self.sources.of(video)

    def narrations_of(self, clip: Clip) -> Path | None:
        """The file of the clip's human narrations."""
        return self.sources.narrations_of(clip)

    def workspace(self) -> Path:
        """An empty folder, gone when the unit ends."""
        folder = Path(tempfile.mkdtemp(prefix="egoetl-"))
        self._folders.append(folder)
        return folder

    async def ask(self, role: str, task: str, prompt: str, schema: type[T], item: Item, *, look: Segment | None = None, **values: Any) -> T:
        """Ask the model bound to `role`; see `core.ports.StageIO.ask`."""
        self._check_declared(role, schema)
        template = self.stage.prompt(prompt)
        binding = self.recipe.roles[role]
        request = Request(
            task=task,
            item=item,
            messages=(
                Message(role="system", content=template.system),
                Message(role="user", content=template.render(item=item, **values)),
            ),
            media=self._look(item, look) if look else None,
            schema=schema,
            sampling=Sampling(temperature=binding.temperature, top_p=binding.top_p, max_tokens=binding.max_tokens, seed=self._seed(task)),
            values=values,
        )
        reply = await self.engines[role].ask(request)
        self.asked.append(Asked(self.engines[role].model, request, reply))
        return _validated(task, reply, schema)

    def usage(self) -> Usage:
        """What the unit asked of models so far; tokens are None as soon as one reply did not count them."""
        prompt = _sum([each.reply.prompt_tokens for each in self.asked])
        completion = _sum([each.reply.completion_tokens for each in self.asked])
        return Usage(requests=len(self.asked), prompt_tokens=prompt, completion_tokens=completion)

    def _check_declared(self, role: str, schema: type[BaseModel]) -> None:
        """Only what the @stage line names is in the content key."""
        if role not in self.stage.roles:
            raise InternalError(f"Stage {self.stage.name} declares no role {role!r}; add it to its @stage line.", reason="role_undeclared")
        if schema not in self.stage.schemas:
            name = schema.__name__
            raise InternalError(
                f"Stage {self.stage.name} declares no schema {name}; add it to its @stage line.", reason="schema_undeclared"
            )

    def _look(self, item: Item, segment: Segment) -> SampledMedia:
        if not isinstance(item, SampledSegment):
            raise InternalError(f"{type(item).__name__} has no sampled pictures to look at.", reason="nothing_to_look_at")
        container = self.store.local(item.sampled.container)
        return self.media.open(container, item.sampled, item.clip.start_ms, segment.start_ms, segment.end_ms)

    def _seed(self, task: str) -> int:
        """A seed of the request's own, the same on every machine and in every build."""
        digest = hashlib.sha256(f"{self.recipe.seed}:{self.key}:{task}".encode()).digest()
        return int.from_bytes(digest[:4], "big") & 0x7FFFFFFF


def _sum(counts: list[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known and len(known) == len(counts) else None


def _validated(task: str, reply: Reply, schema: type[T]) -> T:
    if reply.status in ("server_error", "timed_out"):
        raise TryAgainError(f"{task}: the model server answered {reply.status}: {reply.detail[:300]}", reason=f"reply_{reply.status}")
    if reply.status != "ok":
        raise DataError(f"{task}: the reply is {reply.status}: {reply.detail[:300]}", reason=f"reply_{reply.status}")
    try:
        return schema.model_validate_json(reply.text)
    except pydantic.ValidationError as error:
        raise DataError(f"{task}: the reply is off its schema: {error.errors()[0]['msg']}.", reason="reply_off_schema") from error
