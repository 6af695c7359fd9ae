"""What stages may rely on: the runner's StageIO and the fake of stage tests keep to the same contract."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import pytest

from egoetl.core.errors import DataError, InternalError
from egoetl.core.items import NarratedSegment
from egoetl.core.ports import Reply, Request, StageIO
from egoetl.core.records import HumanNarration
from egoetl.core.replies import ContextGraphReply, PlainReply
from egoetl.core.stage import Stage
from egoetl.media.pyav_media import PyAvMedia
from egoetl.recipes.index import load
from egoetl.runner.sources import SourceVideos
from egoetl.runner.stage_io import UnitIO
from egoetl.storage.local import LocalStore
from egoetl.storage.sources.folder import FolderRoot
from egoetl.testing.samples import a_kitchen_clip
from egoetl.testing.stage_io import FakeStageIO

EGOAVU = load("egoavu")
MCG = EGOAVU.stage("mcg")
PLAIN = replace(MCG, schemas=(PlainReply,))
ITEM: NarratedSegment = a_kitchen_clip().segments[0]
WRITTEN = (HumanNarration(at_ms=61_000, text="the camera wearer lifts a mug", wearer=True),)
EMPTY: dict[str, Any] = {"interacted_objects": [], "non_interacted_objects": ["mug"], "sounds": []}


class Build(Protocol):
    """Makes a StageIO of a stage whose model answers as told, and the list of what it was asked."""

    def __call__(self, reply: Mapping[str, Any], stage: Stage = MCG) -> tuple[StageIO, list[Request]]: ...


class OneAnswer:
    """An engine that gives one reply and keeps the requests."""

    model = "one-answer@1"
    at_once = 0
    keeps_replies = True

    def __init__(self, reply: Mapping[str, Any]) -> None:
        self.reply = reply
        self.requests: list[Request] = []

    async def ask(self, request: Request) -> Reply:
        self.requests.append(request)
        text = self.reply["text"] if request.schema is PlainReply else json.dumps(self.reply)
        return Reply(status="ok", text=text, seconds=0.0)

    async def close(self) -> None:
        pass


@pytest.fixture(params=["runner", "fake"])
def build(request: pytest.FixtureRequest, tmp_path: Path) -> Build:
    """Makes a StageIO, the runner's and the fake of stage tests."""
    adapters = PyAvMedia(), LocalStore(tmp_path / "store")

    def runner(reply: Mapping[str, Any], stage: Stage = MCG) -> tuple[StageIO, list[Request]]:
        engine = OneAnswer(reply)
        io = UnitIO("a" * 64, "unit", stage, EGOAVU, *adapters, engines={"text": engine}, sources=SourceVideos(FolderRoot(tmp_path), {}))
        return io, engine.requests

    def fake(reply: Mapping[str, Any], stage: Stage = MCG) -> tuple[StageIO, list[Request]]:
        io = FakeStageIO(stage, {"mcg": lambda _: reply, "predict": lambda _: reply}, "a" * 64, adapters=adapters, folder=tmp_path)
        return io, io.requests

    return runner if request.param == "runner" else fake


async def test_a_model_is_asked_the_rendered_prompt_with_the_record_and_the_schema(build: Build) -> None:
    io, requests = build(EMPTY)
    reply = await io.ask("text", "mcg", "mcg", ContextGraphReply, ITEM, narrations=WRITTEN)
    assert reply == ContextGraphReply(interacted_objects=(), non_interacted_objects=("mug",), sounds=())
    (request,) = requests
    prompt = MCG.prompt("mcg")
    assert [(each.role, each.content) for each in request.messages] == [
        ("system", prompt.system),
        ("user", prompt.render(item=ITEM, narrations=WRITTEN)),
    ]
    assert (request.task, request.item, request.schema, request.media) == ("mcg", ITEM, ContextGraphReply, None)
    assert request.values == {"narrations": WRITTEN}


@pytest.mark.parametrize("reply", [{"interacted_objects": "none"}, {**EMPTY, "more": 1}, {**EMPTY, "non_interacted_objects": [3]}])
async def test_a_reply_off_its_schema_is_a_typed_error(build: Build, reply: dict[str, Any]) -> None:
    io, _ = build(reply)
    with pytest.raises(DataError) as raised:
        await io.ask("text", "mcg", "mcg", ContextGraphReply, ITEM, narrations=WRITTEN)
    assert raised.value.reason == "reply_off_schema"


async def test_earlier_turns_stand_before_the_question_and_stills_go_along(build: Build) -> None:
    io, requests = build(EMPTY)
    said = (("What lies there?", "A mug."),)
    await io.ask("text", "mcg", "mcg", ContextGraphReply, ITEM, said=said, stills=(b"one", b"two"), narrations=())
    (request,) = requests
    prompt = MCG.prompt("mcg")
    assert [(each.role, each.content) for each in request.messages] == [
        ("system", prompt.system),
        ("user", "What lies there?"),
        ("assistant", "A mug."),
        ("user", prompt.render(item=ITEM, narrations=())),
    ]
    assert (request.stills, request.question) == ((b"one", b"two"), 3)


async def test_plain_text_is_a_reply(build: Build) -> None:
    io, requests = build({"text": "B, I think."}, PLAIN)
    assert await io.ask("text", "predict", "mcg", PlainReply, ITEM, narrations=()) == PlainReply(text="B, I think.")
    assert requests[0].schema is PlainReply


async def test_a_prompt_must_be_declared(build: Build) -> None:
    io, requests = build(EMPTY)
    with pytest.raises(InternalError) as raised:
        await io.ask("text", "mcg", "another", ContextGraphReply, ITEM)
    assert raised.value.reason == "prompt_undeclared"
    assert requests == []


def test_every_workspace_is_an_empty_folder_of_its_own(build: Build) -> None:
    io, _ = build(EMPTY)
    one, other = io.workspace(), io.workspace()
    assert one != other
    assert list(one.iterdir()) == list(other.iterdir()) == []


def test_a_source_that_is_not_there_is_a_typed_error(build: Build) -> None:
    io, _ = build(EMPTY)
    with pytest.raises(DataError) as raised:
        io.source("nowhere.mp4")
    assert raised.value.reason == "video_missing"


def test_the_key_of_the_result_is_known(build: Build) -> None:
    io, _ = build(EMPTY)
    assert io.key == "a" * 64
