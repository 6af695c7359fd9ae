"""Endpoints that overload, fail, hang and lie in the middle of a build: each unit ends in its status, the others go on."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import pytest
from scripted_models.endpoint import CAPTIONER, models_file, scripted_endpoint
from scripted_models.footage import Reel
from scripted_models.writer import Writer

from egoetl.testing.chat_answers import (
    Answer,
    Broken,
    Call,
    Cut,
    Failed,
    Hangs,
    Said,
    context_overflow,
    refused,
    white_space_to_the_limit,
)
from egoetl.testing.installation import Footage, Installation

pytestmark = pytest.mark.slow

STORM = 12
"""How many requests in a row meet bad weather."""
FIRST_CLIP = ("--limit", "1")
DOUBLED = """
    SELECT stage, unit_id, count(*) FROM attempt WHERE state IN ('done', 'dropped') GROUP BY build_seq, stage, unit_id HAVING count(*) > 1
"""
REASONS = "SELECT DISTINCT stage, reason FROM build_unit WHERE state = 'failed'"


class Ill(NamedTuple):
    """A fault that every request of one task meets, and how the task's unit ends."""

    task: str
    stage: str
    answer: Answer
    reason: str


ILLS = (
    Ill("qa.avdn", "qa_avdn", Hangs(), "reply_timed_out"),
    Ill("qa.avh_action", "qa_avh_action", Failed(400, "Cannot read this request."), "reply_server_error"),
    Ill("qa.avh_object", "qa_avh_object", Said('{"factual": [{"about": "red'), "reply_off_schema"),
    Ill("qa.avh_sound", "qa_avh_sound", white_space_to_the_limit(), "reply_truncated"),
    Ill("qa.ssa", "qa_ssa", Said('{"sounds": []}', model="another-model"), "reply_other_model"),
    Ill("qa.tr_before_after", "qa_tr_before_after", context_overflow(), "reply_too_long"),
    Ill("qa.tr_event_ordering", "qa_tr_event_ordering", refused(), "reply_refused"),
)


class Ended(NamedTuple):
    """A build that has ended: its installation, and what it said on standard error."""

    installation: Installation
    said: str


@pytest.fixture(scope="module")
def another(
    postgres_server: Any,
    migrated_template: str,
    database_names: Iterator[str],
    tmp_path_factory: pytest.TempPathFactory,
    small_footage: Footage,
) -> Iterator[Callable[[], Installation]]:
    """As many empty installations as asked for, for the whole module."""
    made: list[str] = []

    def make() -> Installation:
        made.append(next(database_names))
        postgres_server.create_database(made[-1], template=migrated_template)
        return Installation(postgres_server.url(made[-1]), tmp_path_factory.mktemp("ill") / "store", small_footage)

    yield make
    for name in made:
        postgres_server.drop_database(name)


@pytest.fixture(scope="module")
def ill(another: Callable[[], Installation], reel: Reel) -> Ended:
    """A build of one clip in which every task but one meets a fault of its own, to its end."""
    installation = another()
    answers = {each.task: each.answer for each in ILLS}
    with scripted_endpoint(Writer(reel), lambda call: answers.get(call.request_id.split("/")[0])) as server:
        bound = _bound(installation, server, deadline_seconds=4)
        ended = bound.run("build", "run", *bound.order("ill"), *FIRST_CLIP, "--set", "max_tries=1", code=65)
    return Ended(bound, ended.stderr)


def _bound(installation: Installation, server: Any, **settings: Any) -> Installation:
    folder = installation.store.parent
    return replace(installation, extra={**installation.extra, "EGOETL_MODELS": str(models_file(folder, server, **settings))})


@pytest.mark.parametrize("each", ILLS, ids=lambda each: each.reason)
def test_the_unit_ends_in_its_status(ill: Ended, each: Ill) -> None:
    assert (each.stage, each.reason) in ill.installation.rows(REASONS)


def test_the_shard_goes_on_and_nothing_is_lost_or_doubled(ill: Ended) -> None:
    installation = ill.installation
    shown = installation.json("build", "show", "ill")
    assert {each["stage"] for each in shown["failures"]} == {each.stage for each in ILLS}
    assert shown["qa"].keys() == {"avsn"}
    for stage, counts in shown["counts"].items():
        assert counts["total"] == counts["done"] + counts["dropped"] + counts["failed"] + counts["blocked"], stage
    assert installation.rows(DOUBLED) == []
    assert f"({len(ILLS)} failed, 0 blocked, 0 never ran)" in ill.said.splitlines()[-1]


@pytest.fixture(scope="module")
def fair(another: Callable[[], Installation], reel: Reel) -> tuple[dict[str, Any], dict[str, str]]:
    """The report and the published bytes of a build that no fault has met."""
    with scripted_endpoint(Writer(reel)) as server:
        installation = _bound(another(), server)
        report = installation.json("build", "run", *installation.order("fair"), *FIRST_CLIP)
    return report, installation.published(report)


class Storm:
    """Bad weather for some requests in a row, from the first of a stage on, then fair."""

    def __init__(self, task: str, *answers: Answer) -> None:
        self._task = task
        self._left = [answers[turn % len(answers)] for turn in range(STORM)]

    def __call__(self, call: Call) -> Answer | None:
        return self._left.pop() if call.request_id.startswith(self._task) and self._left else None


@pytest.mark.parametrize(
    "answers",
    [
        (Failed(429, "Rate limit reached.", headers={"Retry-After": "0.05"}),),
        (Failed(500), Failed(503), Failed(502)),
        (Cut(), Broken()),
    ],
    ids=["429", "500", "half an answer"],
)
def test_a_storm_is_waited_out(
    another: Callable[[], Installation], reel: Reel, fair: tuple[dict[str, Any], dict[str, str]], answers: tuple[Answer, ...]
) -> None:
    report, expected = fair
    with scripted_endpoint(Writer(reel), Storm("caption.", *answers)) as server:
        installation = _bound(another(), server)
        again = installation.json("build", "run", *installation.order("storm"), *FIRST_CLIP)
        assert len(server.calls) == len({call.request_id for call in server.calls}) + STORM
    assert installation.published(again) == expected
    assert again["computed"] == report["computed"]
    assert installation.rows(DOUBLED) == []


def test_a_reply_that_was_wrong_at_first_is_mended_in_another_turn(another: Callable[[], Installation], reel: Reel) -> None:
    def fault(call: Call) -> Answer | None:
        return Said('{"caption": "half') if call.request_id.startswith("av_narration/") and len(call.body["messages"]) == 2 else None

    with scripted_endpoint(Writer(reel), fault) as server:
        installation = _bound(another(), server)
        report = installation.json("build", "run", *installation.order("mended"), *FIRST_CLIP)
    assert report["failures"] == []
    assert Counter(installation.rows("SELECT turn, status::text FROM reply WHERE task = 'av_narration'")) == {
        (0, "off_schema"): 2,
        (1, "repaired"): 2,
    }


def test_while_a_server_fails_the_stage_asks_for_another_try_and_takes_it_up(another: Callable[[], Installation], reel: Reel) -> None:
    broken = True

    def fault(call: Call) -> Answer | None:
        return Failed(500) if broken and call.request_id.startswith("caption.sound") else None

    with scripted_endpoint(Writer(reel), fault) as server:
        installation = _bound(another(), server, deadline_seconds=4)
        installation.run("build", "plan", *installation.order("night"), *FIRST_CLIP)
        stages = ("stage", "run", "--build", "night", "--shard", "0", "--stages")
        installation.run(*stages, "register,split,frames")
        installation.run(*stages, "caption", code=75)
        broken = False
        installation.run(*stages, "caption")
    assert installation.rows("SELECT state::text, count(*) FROM build_unit WHERE stage = 'caption' GROUP BY state") == [("done", 2)]
    assert installation.rows(DOUBLED) == []


@pytest.mark.parametrize(
    ("served", "reason"),
    [({"models": ("somebody-else",)}, "model_unknown"), ({"key": "sk-the-right-one"}, "endpoint_refuses_key")],
    ids=["unknown model", "refused key"],
)
def test_what_a_person_must_mend_ends_the_build_at_once(
    another: Callable[[], Installation], reel: Reel, served: dict[str, Any], reason: str
) -> None:
    with scripted_endpoint(Writer(reel), lambda _: Failed(404, "The model does not exist.", code="model_not_found"), **served) as server:
        installation = _bound(another(), server, api_key="SCRIPTED_KEY")
        installation.extra["SCRIPTED_KEY"] = "sk-a-wrong-one"
        ended = installation.run("build", "run", *installation.order("night"), *FIRST_CLIP, code=78)
    assert "sk-" not in ended.stdout + ended.stderr
    assert installation.rows("SELECT count(*) FROM build_unit WHERE state = 'failed'") == [(0,)]
    assert installation.rows("SELECT DISTINCT state::text FROM build_unit WHERE stage IN ('register', 'split', 'frames')") == [("done",)]
    last = ended.stderr.splitlines()[-1]
    assert (CAPTIONER if reason == "model_unknown" else "key") in last
