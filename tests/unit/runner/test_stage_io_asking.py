"""Asking a model: what each status of a reply means, and what the request is made of."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import get_args

import pytest

from egoetl.core.content_key import canonical_json
from egoetl.core.errors import ConfigError, DataError, EgoetlError, InternalError, TryAgainError
from egoetl.core.items import ClipItem, Item
from egoetl.core.ports import Reply, ReplyStatus
from egoetl.core.prompt import Prompt
from egoetl.core.records import Clip, SampledClip, Window
from egoetl.core.replies import ContextGraphReply, NarrationReply
from egoetl.media.pyav_media import PyAvMedia
from egoetl.qa.known import known_of
from egoetl.qa.scope import scope_of
from egoetl.recipes.index import load
from egoetl.runner.judging import RULES
from egoetl.runner.sources import SourceVideos
from egoetl.runner.stage_io import UnitIO
from egoetl.storage.local import LocalStore
from egoetl.storage.sources.folder import FolderRoot
from egoetl.testing.samples import a_clip, a_kitchen_clip, a_narrated_clip

EGOAVU = load("egoavu")
MCG = EGOAVU.stage("mcg")
ASKING = replace(MCG, prompts=(Prompt("what", "---\nsystem: You see.\n---\nWhat?"),))
ITEM = a_kitchen_clip().segments[0]
GOOD = json.dumps({"interacted_objects": [], "non_interacted_objects": ["mug"], "sounds": []})
WRONG = GOOD.replace('"sounds": []', '"sounds": 3')


class Engine:
    """Gives prepared replies in turn."""

    model = "prepared@1"
    at_once = 0
    keeps_replies = True

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.requests = []

    async def ask(self, request):
        self.requests.append(request)
        return self.replies.pop(0)

    async def close(self) -> None:
        pass


def ok(text: str = GOOD, **more) -> Reply:
    return Reply(status="ok", text=text, seconds=0.5, **more)


@pytest.fixture
def new_io(tmp_path):
    def make(*replies: Reply, key: str = "a" * 64, recipe=EGOAVU, stage=MCG) -> tuple[UnitIO, Engine]:
        engine = Engine(*replies)
        engines = dict.fromkeys(recipe.roles, engine)
        return UnitIO(
            key, "unit", stage, recipe, PyAvMedia(), LocalStore(tmp_path), engines, SourceVideos(FolderRoot(tmp_path), {})
        ), engine

    return make


async def ask(io: UnitIO, **more):
    return await io.ask("text", "mcg", "mcg", ContextGraphReply, ITEM, **{"narrations": (), **more})


def bad(status: str, text: str = "", **more) -> Reply:
    return Reply(status=status, text=text, seconds=1, detail=f"said {status}", **more)


ONCE = ["refused", "too_long", "timed_out", "server_error"]
TWICE = ["off_schema", "truncated", "empty", "other_model"]
CLASSES = {"timed_out": "try_again", "server_error": "try_again", "other_model": "config"}


def test_every_status_that_is_no_answer_has_its_rule() -> None:
    assert {*RULES, "ok", "repaired"} == set(get_args(ReplyStatus))
    assert {*ONCE, *TWICE} == set(RULES)


@pytest.mark.parametrize("status", [*ONCE, *TWICE])
async def test_a_reply_that_is_no_answer_is_an_error_of_its_own_reason_and_class(new_io, status: str) -> None:
    io, engine = new_io(bad(status), bad(status), bad(status))
    with pytest.raises(EgoetlError, match=f"prepared@1 is {status} .*said {status}") as raised:
        await ask(io)
    assert (raised.value.reason, raised.value.error_class) == (f"reply_{status}", CLASSES.get(status, "data"))
    assert type(raised.value) is not ConfigError, "it would end the whole run"
    assert len(engine.requests) == (1 if status in ONCE else 2)
    assert [(each.status, each.turn) for each in io.asked] == [(status, turn) for turn in range(len(engine.requests))]


class Looked(Item):
    """An item of a clip that is no segment."""

    unit = "qa"
    clip: Clip
    sampled: SampledClip


async def test_any_window_may_be_looked_at_by_an_item_with_its_sampled_container(new_io) -> None:
    opened = []
    io, engine = new_io(ok(), stage=ASKING)
    io.store = SimpleNamespace(local=lambda artifact: Path(artifact.path))
    io.media = SimpleNamespace(open=lambda *args: opened.append(args) or "media")
    item = Looked(clip=ITEM.clip, sampled=ITEM.sampled)
    await io.ask("text", "mcg", "what", ContextGraphReply, item, look=Window(start_ms=61_000, end_ms=64_500))
    assert opened == [(Path("frames/ab/x.mkv"), ITEM.sampled, ITEM.clip.start_ms, 61_000, 64_500)]
    assert engine.requests[0].media == "media"


async def test_an_item_without_a_sampled_container_cannot_be_looked_at(new_io) -> None:
    io, engine = new_io(ok(), stage=ASKING)
    with pytest.raises(InternalError) as raised:
        await io.ask("text", "mcg", "what", ContextGraphReply, ClipItem(clip=ITEM.clip), look=ITEM.clip)
    assert (raised.value.reason, engine.requests) == ("nothing_to_look_at", [])


async def test_a_model_is_told_what_is_wrong_and_its_second_reply_is_repaired(new_io) -> None:
    io, engine = new_io(ok(WRONG), ok())
    assert await ask(io) == ContextGraphReply.model_validate_json(GOOD)
    first, second = engine.requests
    assert second.messages[: len(first.messages)] == first.messages
    said, told = second.messages[len(first.messages) :]
    assert (said.role, said.content, told.role) == ("assistant", WRONG, "user")
    assert "sounds: Input should be a valid array" in told.content
    assert (second.sampling, second.schema, second.unit_key, second.unit_id) == (first.sampling, first.schema, first.unit_key, "unit")
    assert first.key != second.key
    assert [(each.status, each.turn) for each in io.asked] == [("off_schema", 0), ("repaired", 1)]


async def test_a_reply_that_was_cut_off_may_be_longer_the_second_time(new_io) -> None:
    io, engine = new_io(ok('{"sounds": [', finish_reason="length", completion_tokens=512), ok())
    await ask(io)
    first, second = engine.requests
    assert second.sampling == first.sampling.model_copy(update={"max_tokens": first.sampling.max_tokens * 4})
    assert second.messages == first.messages
    assert [each.status for each in io.asked] == ["truncated", "ok"]


@pytest.mark.parametrize(("tokens", "then"), [(1500, [1500, 4096]), (4096, [4096]), (9000, [9000])])
async def test_no_reply_may_be_longer_than_the_most(new_io, tokens: int, then: list[int]) -> None:
    binding = EGOAVU.roles["text"].model_copy(update={"max_tokens": tokens})
    io, engine = new_io(bad("truncated"), bad("truncated"), recipe=replace(EGOAVU, roles={**EGOAVU.roles, "text": binding}))
    with pytest.raises(DataError, match="max_tokens"):
        await ask(io)
    assert [each.sampling.max_tokens for each in engine.requests] == then


async def test_an_empty_reply_is_asked_for_with_another_seed(new_io) -> None:
    io, engine = new_io(ok(" \n"), ok())
    await ask(io)
    first, second = (each.sampling for each in engine.requests)
    assert first.seed != second.seed
    assert second == first.model_copy(update={"seed": second.seed})
    assert [each.status for each in io.asked] == ["empty", "ok"]


async def test_a_reply_of_another_model_is_asked_for_once_more_as_it_was(new_io) -> None:
    io, engine = new_io(bad("other_model", GOOD, model="other"), ok())
    await ask(io)
    assert engine.requests[0].key == engine.requests[1].key
    assert [each.status for each in io.asked] == ["other_model", "ok"]


async def test_each_remedy_is_tried_once(new_io) -> None:
    io, engine = new_io(bad("truncated"), ok("{"), bad("empty"), ok("{"))
    with pytest.raises(DataError) as raised:
        await ask(io)
    assert raised.value.reason == "reply_off_schema"
    assert [each.status for each in io.asked] == ["truncated", "off_schema", "empty", "off_schema"]
    assert [each.sampling.max_tokens for each in engine.requests] == [1024, 4096, 4096, 4096]


async def test_a_second_turn_that_does_not_fit_leaves_the_first_reason(new_io) -> None:
    io, _ = new_io(ok("{"), bad("too_long"))
    with pytest.raises(DataError) as raised:
        await ask(io)
    assert raised.value.reason == "reply_off_schema"
    assert [each.status for each in io.asked] == ["off_schema", "too_long"]


async def test_every_exchange_can_be_kept(new_io) -> None:
    io, engine = new_io(ok("\ud800{", thinking="<think>Hm.</think>", finish_reason="stop", tries=2), bad("server_error"))
    with pytest.raises(TryAgainError):
        await ask(io)
    first, second = io.exchanges("segment")
    assert (first.stage, first.unit_kind, first.unit_id, first.role, first.task, first.model) == (
        "mcg", "segment", "unit", "text", "mcg", "prepared@1",
    )  # fmt: skip
    assert (first.ordinal, first.turn, first.status, first.answered, first.text) == (0, 0, "off_schema", "ok", "\\ud800{")
    assert (first.thinking, first.finish_reason, first.tries) == ("<think>Hm.</think>", "stop", 2)
    assert "not strict JSON" in first.detail
    assert (second.ordinal, second.turn, second.status, second.detail) == (1, 1, "server_error", "said server_error")
    assert [each.request for each in (first, second)] == [each.key for each in engine.requests]
    canonical_json(first).encode()
    engine.keeps_replies = False
    assert io.exchanges("segment") == ()


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
    io, _ = new_io(ok("{", prompt_tokens=10, completion_tokens=2), ok(prompt_tokens=14, completion_tokens=3), bad("server_error"))
    await ask(io)
    assert io.usage().model_dump() == {"requests": 2, "prompt_tokens": 24, "completion_tokens": 5}
    with pytest.raises(TryAgainError):
        await ask(io)
    assert io.usage().model_dump() == {"requests": 3, "prompt_tokens": 24, "completion_tokens": 5}, "a server that failed counts nothing"
    io, _ = new_io(ok(prompt_tokens=10, completion_tokens=2), ok(prompt_tokens=5))
    await ask(io)
    await ask(io)
    assert io.usage().model_dump() == {"requests": 2, "prompt_tokens": 15, "completion_tokens": None}


async def test_a_reply_that_failed_is_counted_and_kept_too(new_io) -> None:
    io, _ = new_io(Reply(status="refused", text="No.", seconds=1, prompt_tokens=9, completion_tokens=1))
    with pytest.raises(DataError):
        await ask(io)
    assert io.usage().prompt_tokens == 9
    assert [(each.engine.model, each.reply.text) for each in io.asked] == [("prepared@1", "No.")]


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
    values = {"pairs": 2, "scope": scope_of(clip), "known": known_of(scope_of(clip))}
    with pytest.raises(InternalError) as raised:
        await io.ask("text", "qa.avh_sound", "qa_avh_sound", stage.schemas[0], clip, look=ITEM.segment, **values)
    assert raised.value.reason == "nothing_to_look_at"


def test_workspaces_go_with_the_unit(new_io) -> None:
    io, _ = new_io()
    with io:
        folder = io.workspace()
        (folder / "clip.mkv").write_bytes(b"half a clip")
    assert not folder.exists()
