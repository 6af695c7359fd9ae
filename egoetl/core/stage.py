"""A stage: one async function for one item, and the contract read from its signature."""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from egoetl.core.errors import InternalError
from egoetl.core.items import Item
from egoetl.core.ports import StageIO
from egoetl.core.prompt import Prompt
from egoetl.core.records import Drop, Record, UnitKind


class Params(Record):
    """A stage's parameters: part of its content key, set with `--set STAGE.NAME=VALUE`."""

    @property
    def off(self) -> bool:
        """Whether the stage has nothing to do at all."""
        return False

    @property
    def item(self) -> type[Item] | None:
        """What the stage is given, where these parameters ask for more than its function's signature."""
        return None


StageFunction = Callable[[Any, Any, StageIO], Awaitable[Record]]
Fingerprint = Callable[[Any, StageIO], str]
"""What an item's result depends on that is no result of an earlier stage: the content of a file that the manifest names."""


@dataclass(frozen=True)
class Stage:
    """A named, versioned step for one kind of unit.

    `version` is raised whenever the function's results change. `roles` name the models it asks, `prompts`
    the templates it renders and `schemas` the replies it accepts: all of them enter the content key, and so
    does what `fingerprint` says of an item.
    """

    name: str
    version: int
    run: StageFunction
    item: type[Item]
    params: type[Params]
    output: type[Record]
    roles: tuple[str, ...]
    prompts: tuple[Prompt, ...]
    schemas: tuple[type[BaseModel], ...]
    decodes: bool
    store_prefix: str
    fingerprint: Fingerprint | None = None

    def given(self, params: Params) -> type[Item]:
        """What the stage is given under these parameters: its item, or one with more in it."""
        return params.item or self.item

    @property
    def unit(self) -> UnitKind:
        """The kind of unit that the stage runs once for."""
        return self.item.unit

    def prompt(self, name: str) -> Prompt:
        """The stage's prompt of that name."""
        for prompt in self.prompts:
            if prompt.name == name:
                return prompt
        raise InternalError(f"Stage {self.name} declares no prompt {name!r}; add it to its @stage line.", reason="prompt_undeclared")


def stage(
    name: str,
    *,
    version: int,
    roles: tuple[str, ...] = (),
    prompts: tuple[Prompt, ...] = (),
    schemas: tuple[type[BaseModel], ...] = (),
    decodes: bool = False,
    store_prefix: str | None = None,
    fingerprint: Fingerprint | None = None,
) -> Callable[[StageFunction], Stage]:
    """Make a Stage of `async def f(item: SomeItem, params: SomeParams, io: StageIO) -> SomeRecord | Drop`.

    `decodes` puts the decoder's build into the content key; `store_prefix` is where result parts lie (default: the name).
    """

    def declare(function: StageFunction) -> Stage:
        hints = get_type_hints(function)
        item, params = list(inspect.signature(function).parameters)[:2]
        return Stage(
            name=name,
            version=version,
            run=function,
            item=hints[item],
            params=hints[params],
            output=_output_of(hints["return"]),
            roles=roles,
            prompts=prompts,
            schemas=schemas,
            decodes=decodes,
            store_prefix=store_prefix or name,
            fingerprint=fingerprint,
        )

    return declare


def _output_of(annotation: Any) -> type[Record]:
    if get_origin(annotation) in (Union, UnionType):
        (annotation,) = (each for each in get_args(annotation) if each is not Drop)
    return annotation
