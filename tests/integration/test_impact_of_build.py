"""`egoetl impact` on a real build: a prompt's captions and all below, a video's own results, and what is left after a purge."""

from collections.abc import Callable
from typing import Any

import pytest

from egoetl.algorithms.digest import sha256_of_file
from egoetl.recipes.index import load
from egoetl.testing.installation import Installation

pytestmark = pytest.mark.slow

EGOAVU = load("egoavu")
ABOVE_CAPTIONS = {"register", "split", "frames", "narrations"}


Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def impact(on_built: Callable[..., Any]) -> Ask:
    """`impact(*arguments)` of the shared installation's one build."""
    return lambda *arguments: on_built("impact", *arguments, "--json").report


def results(installation: Installation) -> dict[str, int]:
    """All results there are, by stage."""
    return dict(installation.rows("SELECT stage, count(*) FROM result JOIN stage_config ON id = config_id GROUP BY stage"))


def affected(found: dict[str, Any]) -> dict[str, int]:
    return {each["stage"]: each["direct"] + each["below"] for each in found["stages"]}


def direct(found: dict[str, Any]) -> dict[str, int]:
    return {each["stage"]: each["direct"] for each in found["stages"] if each["direct"]}


def test_a_prompt_of_the_captions_has_all_captions_and_everything_below(built: Installation, impact: Ask) -> None:
    every = results(built)
    prompt = EGOAVU.stage("caption").prompts[0]
    found = impact("--prompt", prompt.sha256[:10], "--limit", "1000")
    assert found["subject"] == {"what": "prompt", "name": prompt.sha256, "known_as": [prompt.name]}
    assert affected(found) == {stage: count for stage, count in every.items() if stage not in ABOVE_CAPTIONS}
    assert direct(found) == {"caption": every["caption"]}
    ((pairs,),) = built.rows("SELECT count(*) FROM qa_pair")
    ((held,),) = built.rows("SELECT count(*) FROM version_pair")
    assert (found["pairs_made"], found["pairs_judged"]) == (pairs, 0)
    assert [(each["number"], each["state"], each["pairs"]) for each in found["versions"]] == [(1, "published", held)]
    assert sum(found["current"][0]["pairs"].values()) == held
    assert {each["key"] for each in found["results"]} == {
        key for (key,) in built.rows("SELECT encode(key, 'hex') FROM result JOIN stage_config ON id = config_id WHERE stage <> ALL(%s)",
                             list(ABOVE_CAPTIONS))
    }  # fmt: skip


def test_a_qa_prompt_has_its_own_pairs_and_their_verdicts(built: Installation, impact: Ask) -> None:
    every = results(built)
    tasks = dict(built.rows("SELECT task, count(*) FROM qa_pair GROUP BY task"))
    task = max(tasks, key=lambda name: tasks[name])
    stage = EGOAVU.stage(f"qa_{task}")
    found = impact("--prompt", stage.prompts[0].name, "--limit", "1000")
    own = {each: every[each] for each in every if each in (f"qa_{task}", f"qa_{task}_clip", f"qa_{task}_segment")}
    assert direct(found) == own
    assert affected(found) == {**own, "verify": tasks[task]}
    assert set(found["qa_ids"]) == {qa_id for (qa_id,) in built.rows("SELECT qa_id FROM qa_pair WHERE task = %s", task)}


def test_a_version_of_verify_judges_pairs_and_makes_none(built: Installation, impact: Ask) -> None:
    version = EGOAVU.stage("verify").version
    found = impact("--stage-version", f"verify={version}")
    ((pairs,),) = built.rows("SELECT count(*) FROM qa_pair")
    assert (found["pairs_made"], found["pairs_judged"]) == (0, pairs)
    assert affected(found) == direct(found) == {"verify": results(built)["verify"]}


def test_a_model_has_what_it_was_asked_for_and_its_requests(built: Installation, impact: Ask) -> None:
    (model,) = {model for (models,) in built.rows("SELECT models FROM stage_config") for model in models.values()}
    found = impact("--model", model)
    asked = {stage for stage, models in built.rows("SELECT DISTINCT stage, models FROM stage_config") if models}
    assert direct(found).keys() == asked
    ((requests, tokens),) = built.rows("SELECT sum(requests), sum(prompt_tokens) FROM attempt WHERE state IN ('done', 'dropped')")
    assert found["total"]["requests"] == requests
    assert found["total"]["prompt_tokens"] == tokens
    assert found["total"]["without_attempt"] == 0


def test_two_videos_share_nothing_and_are_everything(built: Installation, impact: Ask) -> None:
    attic, cellar = (impact("--video", name, "--limit", "1000") for name in ("attic", "cellar"))
    assert direct(attic) == direct(cellar) == {"register": 1}
    keys = [{each["key"] for each in found["results"]} for found in (attic, cellar)]
    assert keys[0] | keys[1] == {key for (key,) in built.rows("SELECT encode(key, 'hex') FROM result")}
    assert not keys[0] & keys[1]
    assert set(attic["current"][0]["pairs"]) <= {"train"}
    assert attic["subject"]["name"] == sha256_of_file(built.footage.folder / "attic.mp4")


def test_a_person_reads_it_in_eighty_columns(on_built: Callable[..., Any]) -> None:
    shown = on_built("impact", "--video", "attic", COLUMNS="80").out.splitlines()
    assert shown[0].startswith("video ")
    assert max(map(len, shown[1:])) <= 80
    assert any(line.split()[:3] == ["register", "1", "0"] for line in shown)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "exactly one"),
        (["--model", "a@1", "--video", "attic"], "exactly one"),
        (["--prompt", "feed"], "No result was made with a prompt"),
        (["--model", "nobody@1"], "those that made any: measured@"),
        (["--stage-version", "caption"], "STAGE=NUMBER"),
        (["--stage-version", "caption=999"], "those that made any:"),
        (["--video", "loft"], "No registered video"),
    ],
)
def test_what_cannot_be_found_is_the_callers_mistake(on_built: Callable[..., Any], arguments: list[str], words: str) -> None:
    ended = on_built("impact", *arguments)
    assert (ended.code, words in ended.err) == (64, True)


def test_what_a_drop_and_a_purge_leave(on_tiny: Callable[..., Any], tiny: Installation) -> None:
    attic, cellar = (sha256_of_file(tiny.footage.folder / f"{name}.mp4") for name in ("attic", "cellar"))
    on_tiny("build", "run", *tiny.order("trial"), "--to", "verify")
    before = on_tiny("impact", "--video", attic, "--json").report
    assert before["total"]["without_attempt"] == 0
    assert on_tiny("build", "drop", "trial").code == 0
    dropped = on_tiny("impact", "--video", attic, "--json").report
    assert affected(dropped) == affected(before)
    assert dropped["total"]["seconds"] == before["total"]["seconds"]
    assert dropped["total"]["without_attempt"] == sum(affected(dropped).values())
    assert dropped["total"]["requests"] is None
    assert on_tiny("purge", "video", cellar, "--yes").code == 0
    withdrawn = on_tiny("impact", "--video", cellar)
    assert (withdrawn.code, "was withdrawn" in withdrawn.err) == (64, True)
    assert on_tiny("impact", "--video", attic, "--json").report == dropped
