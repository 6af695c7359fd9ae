"""Asking a model: what each status of a reply means, and what the request is made of."""

import json
from dataclasses import replace

import pytest

from egoetl.core.errors import DataError, InternalError, TryAgainError
from egoetl.core.ports import Reply
from egoetl.core.replies import ContextGraphReply, NarrationReply
from egoetl.media.pyav_media import PyAvMedia
from egoetl.qa.scope import scope_of
from egoetl.recipes.index import load
from egoetl.runner.sources import SourceFolder
from egoetl.runner.stage_io import UnitIO
from egoetl.storage.local import LocalStore
from egoetl.testing.samples import a_clip, a_kitchen_clip, a_narrated_clip

EGOAVU = load("egoavu")
MCG = EGOAVU.stage("mcg")
ITEM = a_kitchen_clip().segments[0]
GOOD = json.dumps({"interacted_objects": [], "non_interacted_objects": ["mug"], "sounds": []})


class Engine:
    """Gives prepared replies in turn."""

    model = "prepared@1"

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.requests = []

    async def ask(self, request):
        self.requests.append(request)
        return self.replies.pop(0)


def ok(text: str = GOOD, **more) -> Reply:
    return Reply(status="ok", text=text, seconds=0.5, **more)


@pytest.fixture
def new_io(tmp_path):
    def make(*replies: Reply, key: str = "a" * 64, recipe=EGOAVU, stage=MCG) -> tuple[UnitIO, Engine]:
        engine = Engine(*replies)
        engines = dict.fromkeys(recipe.roles, engine)
        return UnitIO(key, stage, recipe, PyAvMedia(), LocalStore(tmp_path), engines, SourceFolder(tmp_path, {})), engine

    return make


async def ask(io: UnitIO, **more):
    return await io.ask("text", "mcg", "mcg", ContextGraphReply, ITEM, **{"narrations": (), **more})


@pytest.mark.parametrize("status", ["truncated", "refused", "empty", "off_schema"])
async def test_a_reply_that_is_no_answer_is_a_data_error_of_its_own_reason(new_io, status: str) -> None:
    io, _ = new_io(Reply(status=status, text=GOOD, seconds=1, detail="finish_reason=length"))
    with pytest.raises(DataError, match="finish_reason=length") as raised:
        await ask(io)
    assert raised.value.reason == f"reply_{status}"


@pytest.mark.parametrize("status", ["timed_out", "server_error"])
async def test_a_trouble_of_the_server_is_worth_another_try(new_io, status: str) -> None:
    io, _ = new_io(Reply(status=status, text="", seconds=1, detail="HTTP 503"))
    with pytest.raises(TryAgainError, match="HTTP 503") as raised:
        await ask(io)
    assert raised.value.reason == f"reply_{status}"


@pytest.mark.parametrize("text", ["", "{", "ERROR: out of memory", '{"sounds": 3}', '{"unknown": []}', "null"])
async def test_an_ok_reply_off_its_schema_is_never_taken_for_an_answer(new_io, text: str) -> None:
    io, _ = new_io(ok(text))
    with pytest.raises(DataError) as raised:
        await ask(io)
    assert raised.value.reason == "reply_off_schema"


async def test_the_seed_is_the_requests_own_and_the_same_every_time(new_io) -> None:
    async def seed(**more) -> int:
        io, engine = new_io(ok(), **more)
        await ask(io)
        return engine.requests[0].sampling.seed

    first = await seed()
    assert first == await seed() == 2051489921
    assert len({first, await seed(key="b" * 64), await seed(recipe=replace(EGOAVU, seed=7))}) == 3


async def test_two_questions_of_one_unit_have_two_seeds(new_io) -> None:
    io, engine = new_io(ok(), ok())
    await ask(io)
    await io.ask("text", "mcg.again", "mcg", ContextGraphReply, ITEM, narrations=())
    assert len({each.sampling.seed for each in engine.requests}) == 2


async def test_sampling_is_the_roles(new_io) -> None:
    binding = EGOAVU.roles["text"].model_copy(update={"temperature": 0.7, "top_p": 0.9, "max_tokens": 77})
    io, engine = new_io(ok(), recipe=replace(EGOAVU, roles={**EGOAVU.roles, "text": binding}))
    await ask(io)
    sampling = engine.requests[0].sampling
    assert (sampling.temperature, sampling.top_p, sampling.max_tokens) == (0.7, 0.9, 77)


async def test_usage_adds_up_and_admits_what_nobody_counted(new_io) -> None:
    io, _ = new_io(ok(prompt_tokens=10, completion_tokens=2), ok(prompt_tokens=5))
    await ask(io)
    assert io.usage().model_dump() == {"requests": 1, "prompt_tokens": 10, "completion_tokens": 2}
    await ask(io)
    assert io.usage().model_dump() == {"requests": 2, "prompt_tokens": 15, "completion_tokens": None}


async def test_a_reply_that_failed_is_counted_and_kept_too(new_io) -> None:
    io, _ = new_io(Reply(status="refused", text="No.", seconds=1, prompt_tokens=9, completion_tokens=1))
    with pytest.raises(DataError):
        await ask(io)
    assert io.usage().prompt_tokens == 9
    assert [(each.model, each.reply.text) for each in io.asked] == [("prepared@1", "No.")]


async def test_only_declared_roles_and_schemas_may_be_used(new_io) -> None:
    io, engine = new_io(ok(), ok())
    for role, schema, reason in (("vision", ContextGraphReply, "role_undeclared"), ("text", NarrationReply, "schema_undeclared")):
        with pytest.raises(InternalError) as raised:
            await io.ask(role, "mcg", "mcg", schema, ITEM)
        assert raised.value.reason == reason
    assert engine.requests == []


async def test_looking_needs_something_to_look_at(new_io) -> None:
    stage = EGOAVU.stage("qa_avh_sound")
    io, _ = new_io(ok(), stage=stage)
    clip = a_narrated_clip(a_clip())
    with pytest.raises(InternalError) as raised:
        await io.ask("text", "qa.avh_sound", "qa_avh_sound", stage.schemas[0], clip, look=ITEM.segment, pairs=2, scope=scope_of(clip))
    assert raised.value.reason == "nothing_to_look_at"


def test_workspaces_go_with_the_unit(new_io) -> None:
    io, _ = new_io()
    with io:
        folder = io.workspace()
        (folder / "clip.mkv").write_bytes(b"half a clip")
    assert not folder.exists()
