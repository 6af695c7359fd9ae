"""What a change asks for again: the stage that changed and what hangs below it, shown by counts of computed and reused."""

import asyncio

import pytest
from pydantic import SecretStr

from egoetl.core.prompt import Prompt
from egoetl.core.settings import Settings
from egoetl.recipes.index import load
from egoetl.runner.build import run_build
from egoetl.runner.plan import Order, plan_build
from egoetl.runner.report import BuildReport, build_report
from egoetl.runner.shard import silent
from egoetl.runner.tools import Tools

EGOAVU = load("egoavu")
STAGES = [each.name for each in EGOAVU.stages if not EGOAVU.params_of(each).off]


@pytest.fixture
def build(tiny):
    """Run a build in this process, with other prompts or settings; returns its report."""
    settings = Settings(database_url=SecretStr(tiny.database_url), store_url=tiny.store.as_uri(), commit_seconds=0.05, concurrency=2)
    opened = []

    def run(name: str, prompts: dict[str, Prompt] | None = None, **order) -> BuildReport:
        tools = Tools(settings, prompts or {})
        opened.append(tools)
        asked = Order(recipe="egoavu", manifest=tiny.footage.manifest, videos=tiny.footage.folder, name=name, **order)
        asyncio.run(run_build(tools, plan_build(tools, asked), silent))
        return build_report(tools, name, 0.0)

    yield run
    for tools in opened:
        tools.ledger.close()


def another(stage: str) -> dict[str, Prompt]:
    """The stage's prompt with a sentence more."""
    prompt = EGOAVU.stage(stage).prompts[0]
    return {stage: Prompt(prompt.name, prompt.text + "\nBe brief.\n")}


def computed(report: BuildReport) -> dict[str, int]:
    """Stages that computed anything, with how much."""
    return {name: counts.computed for name, counts in report.counts.items() if counts.computed}


def test_another_prompt_of_one_qa_task_asks_that_task_and_its_verdicts_again_and_nothing_else(build) -> None:
    first = build("first")
    assert computed(first).keys() == set(STAGES)
    second = build("second", another("qa_avsn"))
    segments, drafted = first.counts["qa_avsn"].total, first.counts["qa_avsn"].done
    assert computed(second) == {"qa_avsn": segments, "verify": drafted}
    assert second.reused == first.computed - segments - drafted
    assert second.qa == first.qa
    assert second.version_path != first.version_path
    assert build("third", another("qa_avsn")).computed == 0
    assert build("fourth").computed == 0


@pytest.mark.slow
def test_another_prompt_of_a_clips_task_asks_that_task_and_its_verdicts_again_and_nothing_else(build) -> None:
    first = build("first")
    second = build("second", another("qa_avh_sound"))
    assert computed(second) == {"qa_avh_sound": first.counts["qa_avh_sound"].total, "verify": first.qa["avh_sound"]}


@pytest.mark.slow
def test_another_prompt_up_the_chain_asks_everything_below_it_again(build) -> None:
    build("first", last_stage="av_narration")
    second = build("second", another("mcg"))
    assert list(computed(second)) == STAGES[STAGES.index("mcg") :]


@pytest.mark.slow
def test_another_parameter_asks_its_stage_and_everything_below_it_again(build) -> None:
    build("first")
    second = build("second", settings={"frames.max_side": "96"})
    assert list(computed(second)) == [each for each in STAGES[STAGES.index("frames") :] if each != "narrations"]


def test_a_second_identical_build_computes_nothing_and_publishes_the_same_version(build) -> None:
    first, second = build("first"), build("second")
    assert (second.computed, second.reused) == (0, first.computed)
    assert (second.version_path, second.version_state) == (first.version_path, "published")


@pytest.mark.slow
def test_going_back_to_the_first_parameters_finds_the_first_results(build) -> None:
    build("first")
    build("second", settings={"frames.max_side": "96"})
    assert build("third").computed == 0


@pytest.mark.slow
def test_going_back_to_the_first_cut_publishes_the_first_version(build) -> None:
    first = build("first")
    build("second", settings={"split.segment_ms": "5000"})
    assert build("third").version_path == first.version_path
