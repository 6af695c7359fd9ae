"""What a stage touches while it works on one unit: the real StageIO."""

import asyncio
import hashlib
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from egoetl.core.errors import InternalError
from egoetl.core.evaluation import FrameLimits, Questions
from egoetl.core.exchanges import Exchange
from egoetl.core.items import Item
from egoetl.core.ledger import Usage
from egoetl.core.media_port import Media, SampledMedia
from egoetl.core.ports import Engine, Message, Request, Sampling, Store, turns_of
from egoetl.core.recipe import Recipe
from egoetl.core.records import Clip, SampledClip, UnitKind, Video, Window
from egoetl.core.sources import MediaFile
from egoetl.core.stage import Stage
from egoetl.runner.asking import Asked, answer_of, exchanges_of, usage_of
from egoetl.runner.question_parts import QuestionsOf, no_questions
from egoetl.runner.sources import SourceVideos

T = TypeVar("T", bound=BaseModel)


@dataclass
class UnitIO:
    """One unit's view of the adapters; counts what it asks of models. Use as a context manager."""

    key: str
    unit_id: str
    stage: Stage
    recipe: Recipe
    media: Media
    store: Store
    engines: Mapping[str, Engine]
    sources: SourceVideos
    questions: QuestionsOf = no_questions
    asked: list[Asked] = field(default_factory=list[Asked])
    _folders: list[Path] = field(default_factory=list[Path])
    _held: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> "UnitIO":
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()
        for folder in self._folders:
            shutil.rmtree(folder, ignore_errors=True)

    def source(self, uri: str) -> MediaFile:
        """The file of a manifest uri."""
        return self.sources.open(uri, self._held)

    def sha256_of(self, uri: str) -> str:
        """The sha256 of that file's bytes."""
        return self.sources.sha256(uri)

    def source_of(self, video: Video) -> MediaFile:
        """The file with a registered video's bytes."""
        return self.sources.of(video, self._held)

    def narrations_of(self, clip: Clip) -> Path | None:
        """The file of the clip's human narrations."""
        return self.sources.narrations_of(clip, self._held)

    def questions_of(self, clip: Clip) -> Questions:
        """A benchmark's questions about the clip."""
        return self.questions(clip.clip_id)

    def workspace(self) -> Path:
        """An empty folder, gone when the unit ends."""
        folder = Path(tempfile.mkdtemp(prefix="egoetl-"))
        self._folders.append(folder)
        return folder

    async def ask(
        self,
        role: str,
        task: str,
        prompt: str,
        schema: type[T],
        item: Item,
        *,
        look: Window | None = None,
        stills: tuple[bytes, ...] = (),
        said: tuple[tuple[str, str], ...] = (),
        limits: FrameLimits | None = None,
        **values: Any,
    ) -> T:
        """Ask the model bound to `role`; see `core.ports.StageIO.ask`."""
        self._check_declared(role, schema)
        template = self.stage.prompt(prompt)
        binding = self.recipe.roles[role]
        request = Request(
            task=task,
            item=item,
            messages=(
                Message(role="system", content=template.system),
                *turns_of(said),
                Message(role="user", content=template.render(item=item, **values)),
            ),
            media=await self._look(item, look) if look else None,
            schema=schema,
            sampling=Sampling(temperature=binding.temperature, top_p=binding.top_p, max_tokens=binding.max_tokens, seed=self._seed(task)),
            values=values,
            unit_id=self.unit_id,
            unit_key=self.key,
            stills=stills,
            limits=limits,
        )
        return await answer_of(self.engines[role], role, request, schema, self.asked)

    def usage(self) -> Usage:
        """What the unit asked of models so far."""
        return usage_of(self.asked)

    def exchanges(self, unit_kind: UnitKind) -> tuple[Exchange, ...]:
        """What the unit asked of models so far, and the replies, of models whose replies are kept."""
        return exchanges_of(self.asked, stage=self.stage.name, unit_kind=unit_kind)

    def _check_declared(self, role: str, schema: type[BaseModel]) -> None:
        """Only what the @stage line names is in the content key."""
        if role not in self.stage.roles:
            raise InternalError(f"Stage {self.stage.name} declares no role {role!r}; add it to its @stage line.", reason="role_undeclared")
        if schema not in self.stage.schemas:
            name = schema.__name__
            raise InternalError(
                f"Stage {self.stage.name} declares no schema {name}; add it to its @stage line.", reason="schema_undeclared"
            )

    async def _look(self, item: Item, window: Window) -> SampledMedia:
        clip, sampled = getattr(item, "clip", None), getattr(item, "sampled", None)
        if not isinstance(clip, Clip) or not isinstance(sampled, SampledClip):
            raise InternalError(f"{type(item).__name__} has no sampled pictures to look at.", reason="nothing_to_look_at")
        container = await asyncio.to_thread(self.store.local, sampled.container)
        return self.media.open(container, sampled, clip.start_ms, window.start_ms, window.end_ms)

    def _seed(self, task: str) -> int:
        """A seed of the request's own, the same on every machine and in every build."""
        digest = hashlib.sha256(f"{self.recipe.seed}:{self.key}:{task}".encode()).digest()
        return int.from_bytes(digest[:4], "big") & 0x7FFFFFFF
