"""Planning: rows into shards, nights, stages, and mistakes told before anything runs."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from egoetl.core.errors import CallerError, DataError
from egoetl.core.records import ManifestRow
from egoetl.core.settings import Settings
from egoetl.recipes.index import load
from egoetl.runner.plan import Order, plan_build, shards_of
from egoetl.runner.tools import Tools
from egoetl.testing.ledger import MemoryLedger

HEADER = "id,start_time,end_time,split\n"
STAGES = tuple(each.name for each in load("egoavu").stages)
MCG = STAGES.index("mcg")
FOLDS = ("publish", "gate")
MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)


def row(number: int, video: str) -> ManifestRow:
    return ManifestRow(row=number, video_id=video, uri=video, split="train", start_ms=number * 1000, end_ms=number * 1000 + 500)


def test_rows_of_one_video_share_a_shard() -> None:
    rows = [row(n, video) for n, video in enumerate("aabacdea")]
    placed = shards_of(rows, 2)
    shards: dict[str, set[int]] = {}
    for each in placed:
        shards.setdefault(each.row.uri, set()).add(each.shard)
    assert all(len(numbers) == 1 for numbers in shards.values())
    assert sorted(each.row.row for each in placed) == list(range(8))


def test_shards_are_filled_and_numbered_without_gaps() -> None:
    placed = shards_of([row(n, str(n)) for n in range(10)], 4)
    assert [sum(each.shard == number for each in placed) for number in range(3)] == [4, 4, 2]


def test_no_rows_make_no_shards() -> None:
    assert shards_of([], 4) == []


class Desk:
    """Where builds are planned over a manifest that a test writes."""

    def __init__(self, folder: Path) -> None:
        self.tools = Tools(Settings())
        self.ledger = self.tools.ledger = MemoryLedger()
        self.manifest = folder / "manifest.csv"
        self.videos = folder / "videos"
        self.videos.mkdir()
        self.write("a,0,10,train", "b,0,10,train", "c,0,10,test")

    def write(self, *lines: str) -> None:
        self.manifest.write_text(HEADER + "".join(f"{line}\n" for line in lines))

    def plan(self, **order: Any):
        return plan_build(self.tools, Order(**{"recipe": "egoavu", "manifest": self.manifest, "videos": self.videos, **order}))

    def videos_of(self, build) -> list[str]:
        return [row.video_id for shard in build.shards for row in self.ledger.rows(build.seq, shard)]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_plan_holds_the_whole_order(desk: Desk) -> None:
    build = desk.plan(name="monday", settings={"split.segment_ms": "5000"})
    spec = build.spec
    assert (spec.name, spec.recipe, spec.dataset, spec.engine, spec.night) == ("monday", "egoavu", "egoavu", "measured", None)
    assert spec.stages == (*STAGES, *FOLDS)
    assert spec.recipe_settings == {"split.segment_ms": "5000"}
    assert (spec.manifest, spec.videos) == (str(desk.manifest.resolve()), str(desk.videos.resolve()))
    assert build.state == "planned"
    assert desk.videos_of(build) == ["a", "b", "c"]


def test_refused_lines_are_written_down_with_the_build(desk: Desk) -> None:
    desk.write("a,0,10,train", "b,10,5,train")
    build = desk.plan()
    assert [(each.row, each.reason) for each in desk.ledger.refused[build.seq]] == [(3, "window_inverted")]


def test_a_build_without_a_name_gets_one_of_its_own(desk: Desk) -> None:
    names = {desk.plan().spec.name for _ in range(3)}
    assert len(names) == 3
    assert all(name.startswith(f"egoavu-{datetime.now(UTC):%Y}") for name in names)


def test_the_same_order_under_the_same_name_is_the_same_build(desk: Desk) -> None:
    first = desk.plan(name="monday")
    desk.write("d,0,10,train")
    again = desk.plan(name="monday")
    assert again == first
    assert desk.videos_of(again) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("other", "told"),
    [({"last_stage": "mcg"}, "stages"), ({"settings": {"seed": "7"}}, "recipe_settings"), ({"night": MONDAY}, "night")],
)
def test_another_order_under_a_taken_name_is_refused(desk: Desk, other: dict[str, Any], told: str) -> None:
    desk.plan(name="monday")
    with pytest.raises(CallerError, match=f"planned with another {told}") as raised:
        desk.plan(name="monday", **other)
    assert raised.value.reason == "build_differs"


def test_a_limit_takes_the_first_rows(desk: Desk) -> None:
    assert desk.videos_of(desk.plan(limit=2)) == ["a", "b"]


@pytest.mark.parametrize(
    ("first", "last", "stages"),
    [
        (None, None, (*STAGES, *FOLDS)),
        ("mcg", None, (*STAGES[MCG:], *FOLDS)),
        (None, "caption", STAGES[:5]),
        ("caption", "mcg", STAGES[4 : MCG + 1]),
        ("verify", "verify", STAGES[-1:]),
    ],
)
def test_the_stages_to_compute(desk: Desk, first: str | None, last: str | None, stages: tuple[str, ...]) -> None:
    assert desk.plan(first_stage=first, last_stage=last).spec.stages == stages


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        ({"recipe": "egoavux"}, "recipe_unknown"),
        ({"engine": "magic"}, "engine_unknown"),
        ({"first_stage": "nap"}, "stage_unknown"),
        ({"last_stage": "nap"}, "stage_unknown"),
        ({"first_stage": "mcg", "last_stage": "caption"}, "stages_inverted"),
        ({"settings": {"colour": "red"}}, "setting_unknown"),
        ({"settings": {"split.colour": "red"}}, "setting_unknown"),
        ({"settings": {"nap.length": "3"}}, "stage_unknown"),
        ({"settings": {"split.segment_ms": "long"}}, "setting_invalid"),
        ({"settings": {"split.segment_ms": "-1"}}, "setting_invalid"),
        ({"settings": {"floor": "1.5"}}, "setting_invalid"),
        ({"settings": {"max_tries": "0"}}, "setting_invalid"),
        ({"settings": {"clips_per_shard": "0"}}, "setting_invalid"),
        ({"settings": {"test_percent": "101"}}, "setting_invalid"),
        ({"settings": {"dataset": "../other"}}, "setting_invalid"),
        ({"videos": Path("/nowhere/at/all")}, "no_videos_folder"),
        ({"manifest": Path("/nowhere/m.csv")}, "manifest_unreadable"),
    ],
)
def test_a_wrong_call_is_told_before_anything_is_written_down(desk: Desk, order: dict[str, Any], reason: str) -> None:
    with pytest.raises(CallerError) as raised:
        desk.plan(**order)
    assert raised.value.reason == reason
    assert desk.ledger.builds == {}


def test_a_manifest_without_its_columns_is_refused(desk: Desk) -> None:
    desk.manifest.write_text("video;start\na;0\n")
    with pytest.raises(DataError) as raised:
        desk.plan()
    assert raised.value.reason == "manifest_header"


def test_a_night_builds_the_rows_registered_on_it_and_a_past_night_reads_as_it_did(desk: Desk) -> None:
    desk.write("a,0,10,train")
    assert desk.videos_of(desk.plan(name="m", night=MONDAY)) == ["a"]
    desk.write("a,0,10,train", "b,0,10,train", "c,9,1,train")
    tuesday = desk.plan(name="t", night=TUESDAY)
    assert desk.videos_of(tuesday) == ["b"]
    assert len(desk.ledger.refused[tuesday.seq]) == 1
    again = desk.plan(name="m2", night=MONDAY)
    assert desk.videos_of(again) == ["a"]
    assert desk.ledger.refused[again.seq] == []


def test_a_night_without_new_rows_is_a_build_without_shards(desk: Desk) -> None:
    desk.plan(name="m", night=MONDAY)
    assert desk.plan(name="t", night=TUESDAY).shards == ()


def test_each_dataset_has_nights_of_its_own(desk: Desk) -> None:
    desk.plan(name="m", night=MONDAY)
    other = desk.plan(name="o", night=TUESDAY, settings={"dataset": "other"})
    assert desk.videos_of(other) == ["a", "b", "c"]
