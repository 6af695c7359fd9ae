"""A StageIO whose models answer from a dict, and which keeps every request: one stage, one unit, nothing around it."""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pydantic
from pydantic import BaseModel

from egoetl.algorithms.digest import sha256_of_file
from egoetl.core.content_key import canonical_json
from egoetl.core.errors import DataError
from egoetl.core.evaluation import FrameLimits, Questions
from egoetl.core.items import Item
from egoetl.core.media_port import Media
from egoetl.core.ports import Message, Request, Sampling, Store, turns_of
from egoetl.core.records import Clip, Video, Window
from egoetl.core.stage import Stage

T = TypeVar("T", bound=BaseModel)
Answers = Mapping[str, Callable[[Request], Mapping[str, Any]]]


@dataclass
class FakeStageIO:
    """Renders prompts and checks replies as the runner does. `looked_at` are the windows that went along with requests.

    `media`, `store` and `folder` (the root of manifest uris) are asked for only by stages that decode.
    """

    stage: Stage
    answers: Answers = field(default_factory=dict[str, Callable[[Request], Mapping[str, Any]]])
    key: str = "0" * 64
    adapters: tuple[Media, Store] | None = None
    folder: Path | None = None
    requests: list[Request] = field(default_factory=list[Request])
    roles: list[str] = field(default_factory=list[str])
    looked_at: list[Window | None] = field(default_factory=list[Window | None])
    registered: dict[str, Path] = field(default_factory=dict[str, Path])
    """Files of registered videos, by sha256."""
    narrations: Path | None = None
    """The file of the clip's human narrations."""
    questions: Questions | None = None
    """A benchmark's questions about the clip."""

    @property
    def media(self) -> Media:
        """The decoder."""
        assert self.adapters is not None, "this stage decodes: give FakeStageIO its media and store"
        return self.adapters[0]

    @property
    def store(self) -> Store:
        """The store."""
        assert self.adapters is not None, "this stage stores: give FakeStageIO its media and store"
        return self.adapters[1]

    def source(self, uri: str) -> Path:
        """The file of a manifest uri."""
        assert self.folder is not None, "this stage reads sources: give FakeStageIO a folder"
        file = self.folder / uri
        if not file.is_file():
            raise DataError(f"{uri} is not in {self.folder}.", reason="video_missing")
        return file

    def sha256_of(self, uri: str) -> str:
        """The sha256 of that file's bytes."""
        return sha256_of_file(self.source(uri))

    def source_of(self, video: Video) -> Path:
        """The file of a registered video."""
        return self.registered[video.sha256]

    def narrations_of(self, clip: Clip) -> Path | None:
        """The file given, if the clip is of a registered video."""
        return self.narrations if clip.video.sha256 in self.registered else None

    def questions_of(self, clip: Clip) -> Questions:
        """The questions given."""
        assert self.questions is not None, f"this stage asks about {clip.clip_id}: give FakeStageIO its questions"
        return self.questions

    def workspace(self) -> Path:
        """An empty folder below `folder`."""
        return Path(tempfile.mkdtemp(dir=self.folder))

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
        """Answer from `answers`; see `core.ports.StageIO.ask`."""
        assert role in self.stage.roles, f"stage {self.stage.name} declares no role {role}"
        assert schema in self.stage.schemas, f"stage {self.stage.name} declares no schema {schema.__name__}"
        template = self.stage.prompt(prompt)
        request = Request(
            task=task,
            item=item,
            messages=(
                Message(role="system", content=template.system),
                *turns_of(said),
                Message(role="user", content=template.render(item=item, **values)),
            ),
            media=None,
            schema=schema,
            sampling=Sampling(),
            values=values,
            stills=stills,
            limits=limits,
        )
        self.requests.append(request)
        self.roles.append(role)
        self.looked_at.append(look)
        try:
            return schema.model_validate_json(canonical_json(self.answers[task](request)), strict=True)
        except pydantic.ValidationError as error:
            raise DataError(f"{task}: the reply is off its schema: {error.errors()[0]['msg']}.", reason="reply_off_schema") from error
