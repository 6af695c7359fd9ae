"""For every rule of every task one wrong reply in a whole build: its candidate is rejected by that rule's name, the others stay."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from scripted_models.endpoint import models_file, scripted_endpoint
from scripted_models.footage import Reel
from scripted_models.spoiling import SPOILERS
from scripted_models.spoiling_drafts import DRAFT_SPOILERS
from scripted_models.writer import Writer

from egoetl.core.ids import clip_id, segment_id
from egoetl.core.ledger import BuildSpec
from egoetl.core.recipe import Recipe
from egoetl.core.settings import Settings
from egoetl.core.stage import Stage
from egoetl.qa.curation import NEAR_DUPLICATE, YES_NO_UNBALANCED
from egoetl.qa.index import TASKS
from egoetl.qa.scope import Scope
from egoetl.qa.task import Draft, PairsParams, QATask
from egoetl.runner.build import run_build
from egoetl.runner.plan import Order, plan_build
from egoetl.runner.report import BuildReport, build_report
from egoetl.runner.shard import silent
from egoetl.runner.tools import Tools
from egoetl.stages.qa import qa_stage
from egoetl.testing.installation import Footage, Installation

RULES = [(name, rule.name) for name, task in TASKS.items() for rule in task.rules]
WINDOWS = (
    ("hallway", 0, 14_000),
    ("playroom", 0, 24_500),
    ("playroom", 0, 20_000),
    ("playroom", 2_000, 24_500),
    ("hallway", 500, 14_000),
    ("playroom", 0, 22_000),
    ("playroom", 7_000, 24_500),
    ("hallway", 0, 13_500),
)
"""As many clips as a task has rules at most; they overlap, so that they ask nearly the same."""
OF_SEGMENTS = ("avsn", "answer_empty"), ("avsn", "interval_not_the_segments")
"""Rules on pairs about segments."""
SEGMENT_MS = 10_000
VERDICTS = """
    SELECT pair.task, pair.clip_id, pair.start_ms, pair.end_ms, unit.state::text, unit.reason
    FROM build_unit AS unit JOIN qa_pair AS pair ON pair.qa_id = unit.unit_id WHERE unit.stage = 'verify'
"""


def test_every_rule_has_one_way_to_be_broken() -> None:
    assert sorted([*SPOILERS, *DRAFT_SPOILERS]) == sorted(RULES)


@dataclass
class WrongDrafts(Tools):
    """The tools of a build in which some tasks have a defect: `drafts` spoils the first draft of a scope, by its id."""

    drafts: Any = None

    def recipe_of(self, spec: BuildSpec) -> Recipe:
        recipe = super().recipe_of(spec)
        return replace(recipe, stages=tuple(self._with_defect(stage) for stage in recipe.stages))

    def _with_defect(self, stage: Stage) -> Stage:
        for name, task in TASKS.items():
            for kind in task.asked:
                if stage.name == task.stage_name(kind):
                    return qa_stage(replace(task, drafts=partial(self._drafted, name, task)), kind)
        return stage

    def _drafted(self, name: str, task: QATask[Any, Any], scope: Scope, params: PairsParams, reply: Any) -> tuple[Draft, ...]:
        first, *others = task.drafts(scope, params, reply)
        spoiler = self.drafts.get((name, scope.scope_id))
        return (spoiler(first) if spoiler else first, *others)


@dataclass(frozen=True)
class Planted:
    """A build and what was planted in it: by task and unit id, the rule that is broken there."""

    report: BuildReport
    installation: Installation
    rules: dict[tuple[str, str], str]


@pytest.fixture(scope="module")
def planted(
    postgres_server: Any,
    migrated_template: str,
    database_names: Iterator[str],
    tmp_path_factory: pytest.TempPathFactory,
    small_footage: Footage,
) -> Iterator[Planted]:
    """A build over overlapping clips with one wrong reply, or one defect of a task, for each rule."""
    folder = tmp_path_factory.mktemp("planted")
    reel = Reel(small_footage.folder)
    rules = _planted(reel)
    of_replies = {(f"qa.{task}", unit): SPOILERS[task, rule] for (task, unit), rule in rules.items() if (task, rule) in SPOILERS}
    of_drafts = {(task, unit): DRAFT_SPOILERS[task, rule] for (task, unit), rule in rules.items() if (task, rule) in DRAFT_SPOILERS}
    name = next(database_names)
    postgres_server.create_database(name, template=migrated_template)
    with scripted_endpoint(Writer(reel, of_replies)) as server:
        url, store = postgres_server.url(name), folder / "store"
        settings = Settings(database_url=SecretStr(url), store_url=store.as_uri(), models=models_file(folder, server))
        tools = WrongDrafts(settings, drafts=of_drafts)
        manifest, videos = _manifest(folder), str(small_footage.folder)
        build = plan_build(tools, Order(recipe="egoavu", manifest=manifest, videos=videos, name="planted", engine="models"))
        asyncio.run(run_build(tools, build, silent))
        yield Planted(build_report(tools, "planted", 0.0), Installation(url, store, small_footage), rules)
    postgres_server.drop_database(name)


def _manifest(folder: Path) -> str:
    lines = ["id,start_time,end_time,split", *(f"{name},{start / 1000:g},{end / 1000:g},train" for name, start, end in WINDOWS)]
    file = folder / "manifest.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(file)


def _planted(reel: Reel) -> dict[tuple[str, str], str]:
    """Each task's rules, one in each clip."""
    found: dict[tuple[str, str], str] = {}
    for name, task in TASKS.items():
        for rule, (video, start_ms, end_ms) in zip(task.rules, WINDOWS, strict=False):
            unit = clip_id(reel.sha256(video), start_ms, end_ms)
            if (name, rule.name) in OF_SEGMENTS:
                unit = segment_id(unit, start_ms, start_ms + SEGMENT_MS)
            found[name, unit] = rule.name
    return found


@pytest.mark.slow
@pytest.mark.parametrize(("task", "rule"), RULES)
def test_the_wrong_reply_is_rejected_by_its_rule_and_the_others_stay(planted: Planted, task: str, rule: str) -> None:
    unit = next(unit for (name, unit), broken in planted.rules.items() if (name, broken) == (task, rule))
    clip, _, window = unit.partition(".")
    verdicts = [
        reason
        for name, of_clip, start_ms, end_ms, _, reason in planted.installation.rows(VERDICTS)
        if (name, of_clip) == (task, clip) and (not window or window == f"{start_ms}_{end_ms}")
    ]
    assert [reason for reason in verdicts if reason is not None] == [rule]


@pytest.mark.slow
def test_nothing_else_is_rejected(planted: Planted) -> None:
    states = [state for *_, state, _ in planted.installation.rows(VERDICTS)]
    assert states.count("dropped") == len(RULES)
    counts = planted.report.counts["verify"]
    assert (counts.done, counts.dropped, counts.failed, counts.blocked) == (len(states) - len(RULES), len(RULES), 0, 0)
    assert planted.report.failures == ()


@pytest.mark.slow
def test_what_breaks_a_rule_of_the_whole_version_is_left_out_by_its_name(planted: Planted) -> None:
    left_out = dict(planted.installation.rows("SELECT reason, count(*) FROM version_left_out GROUP BY reason"))
    assert left_out == planted.report.left_out
    assert left_out.keys() == {NEAR_DUPLICATE, YES_NO_UNBALANCED}
    assert sum(planted.report.qa.values()) == planted.report.counts["verify"].done
