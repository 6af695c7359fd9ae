"""A version holds what the rules over the whole set keep; what they leave out is noted, counted, and may come back."""

from typing import Any

from rich.console import Console

from egoetl.cli.funnel import print_funnel
from egoetl.core.ids import qa_id
from egoetl.core.records import QAPair, QAPairs
from egoetl.runner.build import run_build
from egoetl.runner.report import build_report
from egoetl.runner.shard import silent


def saying(*answers: str, task: str = "avh_sound") -> Any:
    """A QA stage that asks one question as often as it has answers."""

    async def asked(item: Any) -> QAPairs:
        clip = item.clip
        window = {"start_ms": clip.start_ms, "end_ms": clip.end_ms}
        ids = [qa_id(clip.clip_id, index) for index in range(len(answers))]
        made = zip(ids, answers, strict=True)
        return QAPairs(pairs=tuple(QAPair(qa_id=each, task=task, question="Is it?", answer=answer, **window) for each, answer in made))

    return asked


async def built(recorded: Any, name: str, *videos: str, **settings: str) -> Any:
    build = recorded.plan(name, *videos, recipe_settings=settings)
    await run_build(recorded.tools, build, silent)
    return recorded.tools.reports.version_of(build.seq)


async def test_near_duplicates_are_not_in_the_version(recorded, behave) -> None:
    behave("qa_tour", saying("That.", "That again.", task="tour"))
    version = await built(recorded, "monday", "a")
    assert version["counts"] == {"train": {"tour": 1}}
    assert version["left_out"] == {"near_duplicate": 1}
    card = recorded.tools.store.read(f"{version['path']}/README.md").decode()
    assert "| publish | near_duplicate | 1 |" in card


async def test_a_pair_out_of_balance_comes_back_with_its_counterpart(recorded, behave) -> None:
    behave("qa_tour", saying("Yes"))
    monday = await built(recorded, "monday", "a")
    assert (monday["counts"], monday["left_out"]) == ({}, {"yes_no_unbalanced": 1})
    recorded.film("c")
    behave("qa_tour", saying("No"))
    tuesday = await built(recorded, "tuesday", "c")
    assert (tuesday["number"], tuesday["counts"], tuesday["left_out"]) == (2, {"train": {"avh_sound": 2}}, {})
    reports = recorded.tools.reports
    assert reports.left_out(recorded.named("toy"), 1) == [{"reason": "yes_no_unbalanced", "pairs": 1}]
    assert reports.left_out(recorded.named("toy"), 2) == []


async def test_the_rules_are_settings_of_the_recipe(recorded, behave) -> None:
    behave("qa_tour", saying("Yes"))
    version = await built(recorded, "monday", "a", yes_no_surplus="1")
    assert (version["counts"], version["left_out"]) == ({"train": {"avh_sound": 1}}, {})


async def test_the_report_says_what_was_left_out(recorded, behave, capsys) -> None:
    behave("qa_tour", saying("That.", "That again.", task="tour"))
    await built(recorded, "monday", "a")
    report = build_report(recorded.tools, recorded.named("monday"), 1.0)
    assert report.left_out == {"near_duplicate": 1}
    print_funnel(report, Console(width=120))
    assert "left out of the version because  pairs" in (said := capsys.readouterr().out)
    assert "near_duplicate                       1" in said
