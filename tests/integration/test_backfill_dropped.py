"""Backfills of clips that were dropped: a setting that changes the key makes them again, over one build or over several nights."""

import asyncio
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from egoetl.core.settings import Settings
from egoetl.runner.build import run_build
from egoetl.runner.plan import Order, plan_build
from egoetl.runner.shard import silent
from egoetl.runner.tools import Tools
from egoetl.testing.installation import Installation

pytestmark = pytest.mark.slow
ASKED = ("backfill", "egoavu", "--only", "drop_reason=low_diversity", "--json")
LET_PASS = ("--set", "diversity.threshold=0")
Build = Callable[..., None]


@pytest.fixture
def build(shared: Installation, tmp_path: Path) -> Build:
    """`build(name, *rows, night=None, **settings)`, with a threshold that no clip with a word said twice reaches.

    Each test builds windows of its own, into a dataset of its own, so that no other's results or nights are there.
    """
    address = SecretStr(shared.database_url)

    def run(name: str, *rows: str, night: str | None = None, **settings: str) -> None:
        manifest = tmp_path / f"{name}.csv"
        manifest.write_text("".join(f"{line}\n" for line in ("id,start_time,end_time,split", *rows)), encoding="utf-8")
        tools = Tools(Settings(database_url=address, store_url=shared.store.as_uri(), commit_seconds=0.05, concurrency=2))
        order = Order(
            recipe="egoavu",
            manifest=manifest,
            videos=shared.footage.folder,
            name=name,
            night=None if night is None else date.fromisoformat(night),
            settings={"diversity.threshold": "1", **settings},
        )
        asyncio.run(run_build(tools, plan_build(tools, order), silent))
        tools.ledger.close()

    return run


def counted(stages: list[dict[str, Any]]) -> dict[str, int]:
    """Stage to units to compute, of a dry run's answer. It knows of `verify` only what is drafted already: nothing here."""
    return {each["stage"]: each["computed"] for each in stages if each["computed"]}


def computed(report: dict[str, Any]) -> dict[str, int]:
    return {stage: counts["computed"] for stage, counts in report["counts"].items() if counts["computed"] and stage != "verify"}


def clips_with_pairs(installation: Installation, build: str) -> set[str]:
    """The videos' ids and windows of a build whose clips have pairs in the newest version of its dataset."""
    found = installation.rows(
        """
        SELECT DISTINCT own.video_id || ' ' || own.start_ms || ' ' || own.end_ms FROM build
        JOIN version_pair AS held ON held.dataset = build.dataset AND held.until IS NULL
        JOIN qa_pair AS pair ON pair.qa_id = held.qa_id
        JOIN build_row AS own ON own.build_seq = build.seq AND own.clip_id = pair.clip_id
        WHERE build.name = %s
        """,
        build,
    )
    return {clip for (clip,) in found}


def test_dropped_clips_pass_with_a_setting_that_changes_their_key_and_are_refused_without(
    on_shared: Any, shared: Installation, build: Build
) -> None:
    build("dull", "attic,0,11,train", "cellar,0,4,test")
    assert clips_with_pairs(shared, "dull") == set()
    unchanged = on_shared(*ASKED)
    assert unchanged.code == 64
    assert "All 2 selected units have their results already, and nothing that these depend on has changed" in unchanged.err
    dry = on_shared(*ASKED, *LET_PASS, "--dry-run").report["forecast"]
    assert dry["selected"] == [{"stage": "diversity", "state": "dropped", "reason": "low_diversity", "units": 2}]
    assert (dry["mends"], dry["clips"], dry["unchanged"]) == (["dull"], 2, 0)
    done = on_shared(*ASKED, *LET_PASS, "--name", "lively").report
    assert counted(dry["stages"]) == computed(done)
    assert (computed(done)["diversity"], computed(done)["qa_avsn"]) == (2, 3)
    assert done["reused"] == sum(each["reused"] for each in dry["stages"])
    assert (done["version_state"], done["version"], done["mends_version"], done["mends"]) == ("published", 2, 1, {"dull": True})
    assert done["counts"]["diversity"]["dropped"] == 0
    assert clips_with_pairs(shared, "lively") == {"attic 0 11000", "cellar 0 4000"}
    nothing_left = on_shared(*ASKED, *LET_PASS)
    assert (nothing_left.code, "No finished unit" in nothing_left.err) == (64, True)


def test_a_backfill_over_several_nights_takes_the_clips_of_them_all_and_of_no_other(
    on_shared: Any, shared: Installation, build: Build
) -> None:
    rows = ("attic,1,5,train", "cellar,0,3,test", "attic,6,10,train")
    for number, night in enumerate(("2026-01-18", "2026-01-19", "2026-01-20"), start=1):
        build(f"nights_{number}", *rows[:number], night=night, dataset="nights")
    asked = (*ASKED, "--only", "nights=2026-01-18..2026-01-19", "--set", "dataset=nights", *LET_PASS)
    dry = on_shared(*asked, "--dry-run").report["forecast"]
    assert (dry["mends"], dry["clips"], dry["selected"][0]["units"]) == (["nights_1", "nights_2"], 2, 2)
    done = on_shared(*asked, "--name", "both_nights").report
    assert counted(dry["stages"]) == computed(done)
    assert computed(done)["diversity"] == 2
    assert (done["version_state"], done["version"], done["mends_version"]) == ("published", 4, 2)  # of the builds it mends, the newest's
    assert done["mends"] == {"nights_1": True, "nights_2": True}
    assert clips_with_pairs(shared, "both_nights") == {"attic 1000 5000", "cellar 0 3000"}
    assert clips_with_pairs(shared, "nights_3") == set()
    left = on_shared(*ASKED, "--set", "dataset=nights", *LET_PASS, "--dry-run").report["forecast"]
    assert (left["mends"], left["clips"]) == (["nights_3"], 1)


def test_builds_that_were_made_with_other_settings_are_refused_together_and_go_one_by_one(
    on_shared: Any, shared: Installation, build: Build
) -> None:
    build("plain", "attic,2,6,train", dataset="at_odds")
    build("seeded", "cellar,1,4,test", dataset="at_odds", seed="7")
    asked = (*ASKED, "--set", "dataset=at_odds", *LET_PASS)
    for mode in ("--dry-run", "--plan-only"):
        together = on_shared(*asked, mode)
        assert together.code == 64
        assert "Builds plain and seeded were made with another recipe_settings; backfill them one by one." in together.err
    assert shared.rows("SELECT name FROM build WHERE dataset = 'at_odds' ORDER BY seq") == [("plain",), ("seeded",)]
    for name in ("plain", "seeded"):
        assert on_shared(*asked, "--only", f"build={name}", "--dry-run").report["forecast"]["mends"] == [name]
