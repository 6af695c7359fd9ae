"""A backfill makes what failed again, says so beforehand, and its version is the one that an undisturbed build would have made."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from egoetl.testing.installation import Footage, Installation

pytestmark = pytest.mark.slow
NIGHT = "night"


@pytest.fixture(scope="module")
def broken_night(
    postgres_server: Any,
    migrated_template: str,
    database_names: Iterator[str],
    tmp_path_factory: pytest.TempPathFactory,
    tiny_footage: Footage,
) -> Iterator[tuple[str, Path]]:
    """A database and a store to copy: build `night`, with both sampled containers out of reach, so that all captions failed."""
    name, store = next(database_names), tmp_path_factory.mktemp("broken") / "store"
    postgres_server.create_database(name, template=migrated_template)
    installation = Installation(postgres_server.url(name), store, tiny_footage)
    order = [*installation.order(NIGHT), "--set", "clips_per_shard=1"]
    installation.run("build", "plan", *order)
    for shard in ("0", "1"):
        installation.run("stage", "run", "--build", NIGHT, "--stages", "register,split,frames", "--shard", shard)
    for container in (store / "frames").rglob("*.mkv"):
        container.rename(container.with_suffix(".away"))
    installation.run("build", "run", *order, code=65)
    yield name, store
    postgres_server.drop_database(name)


@pytest.fixture
def broken(
    broken_night: tuple[str, Path], postgres_server: Any, database_names: Iterator[str], tmp_path: Path, tiny_footage: Footage
) -> Iterator[Installation]:
    """The installation with the broken night, a copy for each test."""
    name = next(database_names)
    postgres_server.create_database(name, template=broken_night[0])
    shutil.copytree(broken_night[1], tmp_path / "store")
    yield Installation(postgres_server.url(name), tmp_path / "store", tiny_footage)
    postgres_server.drop_database(name)


@pytest.fixture
def on_broken(egoetl: Callable[..., Any], broken: Installation) -> Callable[..., Any]:
    """The command line on it, in this process."""
    settings = {name: value for name, value in broken.environment.items() if name.startswith("EGOETL_")}
    return lambda *arguments: egoetl(*arguments, **settings)


def mend(installation: Installation, *, segments: int | None = None) -> None:
    """Put the containers back, or only that of the clip with so many segments: the attic has two, the cellar one."""
    found = installation.rows(
        """
        SELECT artifact.path FROM artifact JOIN build_unit AS unit ON unit.key = artifact.result AND unit.stage = 'frames'
        WHERE unit.build_seq = 1 AND %s IN (0, (SELECT count(*) FROM segment WHERE segment.clip_id = unit.clip_id))
        """,
        segments or 0,
    )
    for (path,) in found:
        (installation.store / path).with_suffix(".away").rename(installation.store / path)


def computed(report: dict) -> dict[str, int]:
    return {stage: counts["computed"] for stage, counts in report["counts"].items() if counts["computed"]}


def forecast(ended) -> dict[str, int]:
    """Stage to units that the dry run says would be computed, without `verify`."""
    return {
        each["stage"]: each["computed"] for each in ended.report["forecast"]["stages"] if each["computed"] and each["stage"] != "verify"
    }


def test_the_dry_run_counts_what_the_backfill_then_computes(on_broken, broken: Installation) -> None:
    dry = on_broken("backfill", "egoavu", "--only", f"build={NIGHT}", "--dry-run", "--json")
    answer = dry.report["forecast"]
    assert (dry.report["build"], dry.report["shards"]) == (None, [])
    assert (answer["mends"], answer["clips"], answer["unchanged"], answer["pairs"]) == ([NIGHT], 2, 0, 0)
    assert [(each["stage"], each["state"], each["units"]) for each in answer["selected"]] == [("caption", "failed", 3)]
    assert len(on_broken("build", "list", "--json").report["builds"]) == 1
    mend(broken)
    ended = on_broken("backfill", "egoavu", "--only", f"build={NIGHT}", "--name", "again", "--json")
    assert ended.code == 0, ended.err
    real = {stage: units for stage, units in computed(ended.report).items() if stage != "verify"}
    assert real == forecast(dry)
    assert ended.report["reused"] == sum(each["reused"] for each in answer["stages"])


def test_a_backfill_makes_its_build_whole_and_publishes_what_an_undisturbed_build_would_have(on_broken, broken: Installation) -> None:
    mend(broken)
    ended = on_broken("backfill", "egoavu", "--only", f"build={NIGHT}", "--name", "again", "--json").report
    assert (ended["state"], ended["version_state"], ended["version"], ended["mends_version"]) == ("succeeded", "published", 2, 1)
    assert ended["mends"] == {NIGHT: True}
    night = on_broken("build", "show", NIGHT, "--json").report
    assert (night["state"], night["version_state"], night["mended_by"]) == ("failed", "candidate", ["again"])
    failed = on_broken("build", "failed", NIGHT, "--json").report["failures"]
    assert {each["mended_by"] for each in failed} == {"again"}
    assert "mended by again" in on_broken("build", "failed", NIGHT).out
    assert broken.rows("SELECT mends, made_whole, superseded FROM backfills") == [([NIGHT], [NIGHT], 0)]
    undisturbed = on_broken("build", "run", *broken.order("undisturbed"), "--json").report
    assert undisturbed["computed"] == 0
    assert broken.published(undisturbed) == broken.published(ended)
    again = on_broken("backfill", "egoavu", "--only", f"build={NIGHT}", "--dry-run")
    assert (again.code, "No unit that failed and is outstanding" in again.err) == (64, True)


def test_a_gate_that_stays_closed_leaves_the_old_version_public(on_broken, broken: Installation) -> None:
    assert on_broken("build", "run", *broken.order("first"), "--set", "floor=0").code == 0
    mend(broken, segments=2)
    asked = ("backfill", "egoavu", "--only", f"build={NIGHT}", "--name", "again", "--json")
    ended = on_broken(*asked)
    assert ended.code == 65
    assert (ended.report["version_state"], ended.report["mends"]) == ("candidate", {NIGHT: False})
    assert on_broken("build", "show", "first", "--json").report["version_state"] == "published"
    assert {each["mended_by"] for each in on_broken("build", "failed", NIGHT, "--json").report["failures"]} == {None}
    mend(broken, segments=1)
    again = on_broken(*asked)  # the same order under the same name goes on with it
    assert (again.code, again.report["version_state"], again.report["mends"]) == (0, "published", {NIGHT: True})
    differs = on_broken(*asked, "--limit", "1")
    assert (differs.code, "asked for otherwise" in differs.err) == (64, True)


def test_a_limit_takes_a_part_and_the_night_counts_once_the_rest_is_mended_too(on_broken, broken: Installation) -> None:
    mend(broken)
    part = on_broken("backfill", "egoavu", "--only", f"build={NIGHT}", "--limit", "1", "--json").report
    assert (part["version_state"], part["mends"], part["counts"]["caption"]["computed"]) == ("published", {NIGHT: False}, 2)
    outstanding = on_broken("backfill", "egoavu", "--only", f"build={NIGHT}", "--dry-run", "--json").report["forecast"]
    assert [(each["stage"], each["units"]) for each in outstanding["selected"]] == [("caption", 1)]
    rest = on_broken("backfill", "egoavu", "--only", f"build={NIGHT}", "--json").report
    assert (rest["mends"], rest["counts"]["caption"]["computed"]) == ({NIGHT: True}, 1)
    assert broken.published(rest) == broken.published(on_broken("build", "run", *broken.order("undisturbed"), "--json").report)


def test_one_that_is_killed_goes_on_and_two_at_once_share_the_work(on_broken, broken: Installation, patiently: Callable[..., None]) -> None:
    mend(broken)
    orders = [("backfill", "egoavu", "--only", f"build={NIGHT}", "--name", name, "--json") for name in ("one", "two")]
    for order in orders:
        assert on_broken(*order, "--plan-only").code == 0
    killed = broken.start(*orders[0])
    patiently(lambda: broken.rows("SELECT count(*) FROM attempt WHERE build_seq > 1")[0][0], seconds=120)
    killed.kill()
    killed.communicate()
    both = [broken.start(*order) for order in orders]
    for process in both:
        _, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
    ((computed_units, keys),) = broken.rows("SELECT count(*), count(DISTINCT key) FROM build_unit WHERE build_seq > 1 AND computed")
    assert computed_units == keys > 0
    one, two, undisturbed = (
        on_broken("build", "show", "one", "--json").report,
        on_broken("build", "show", "two", "--json").report,
        on_broken("build", "run", *broken.order("undisturbed"), "--json").report,
    )
    assert broken.published(one) == broken.published(two) == broken.published(undisturbed)
    assert (one["version_state"], two["version"]) == ("published", one["version"])
