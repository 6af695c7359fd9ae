"""A build over the damaged set, from the command line: a reason for every bad item, and the rest published as if it were alone."""

import json
from pathlib import Path
from typing import Any

import pytest

from egoetl.testing.installation import Footage, Installation


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory, postgres_server: Any, migrated_template: str, database_names: Any) -> Any:
    """The set, an installation that has built the good rows and then all of them, and the reports of both builds."""
    name = next(database_names)
    postgres_server.create_database(name, template=migrated_template)
    folder = tmp_path_factory.mktemp("damaged")
    installation = Installation(postgres_server.url(name), tmp_path_factory.mktemp("store"), Footage(folder / "set"))
    made = installation.json("footage", "make", "--damaged", str(folder / "set"))
    reports = {
        manifest: installation.json("build", "run", "egoavu", "--manifest", made[manifest], "--videos", made["folder"], "--name", manifest)
        for manifest in ("good_manifest", "manifest")
    }
    yield installation, made, reports
    postgres_server.drop_database(name)


@pytest.mark.slow
def test_every_bad_item_fails_for_its_own_reason_and_nothing_else_fails(damaged: Any) -> None:
    installation, made, _ = damaged
    failures = installation.json("build", "failed", "manifest")["failures"]
    assert {(int(each["unit_id"]), each["reason"]) for each in failures} == {
        (each["line"], each["reason"]) for each in made["damages"] if each["line"]
    }
    assert {(each["stage"], each["unit_kind"], each["error_class"]) for each in failures} == {("register", "row", "data")}
    assert [int(each["unit_id"]) for each in failures] == sorted(int(each["unit_id"]) for each in failures)
    for each in failures:
        assert each["message"].endswith(".")
        assert each["message"].isprintable()
        assert len(each["message"]) < 400


@pytest.mark.slow
def test_the_rest_is_published_as_if_it_were_alone(damaged: Any) -> None:
    installation, made, reports = damaged
    assert reports["manifest"]["state"] == "succeeded"
    assert installation.published(reports["manifest"]) == installation.published(reports["good_manifest"])
    stages = reports["manifest"]["counts"]
    assert stages["register"]["done"] == 3
    assert stages["register"]["failed"] == sum(each["line"] is not None for each in made["damages"])
    assert {counts["failed"] + counts["blocked"] for name, counts in stages.items() if name != "register"} == {0}
    assert reports["manifest"]["computed"] == 0, "what the good rows alone have come to is reused"


@pytest.mark.slow
def test_nothing_half_written_is_left(damaged: Any) -> None:
    installation, _, reports = damaged
    kept = {file for file in installation.store.rglob("*") if file.is_file()}
    assert not [file for file in kept if "unfinished" in file.name or file.name.startswith(".")]
    swept = installation.json("store", "gc")
    assert {key: value for key, value in swept.items() if isinstance(value, list) and value} == {}
    assert reports["manifest"]["version_path"] == reports["good_manifest"]["version_path"]


@pytest.mark.slow
def test_what_a_person_reads_at_night_moves_no_cursor_and_fits(damaged: Any) -> None:
    installation, _, _ = damaged
    shown = installation.run("build", "failed", "manifest", COLUMNS="80").stdout
    assert all(letter.isprintable() for letter in shown if letter != "\n")
    assert max(len(line) for line in shown.splitlines()) < 400
    assert "field_too_long" in shown
    assert len(shown) < 8_000
    funnel = installation.run("build", "show", "manifest", COLUMNS="80").stdout
    assert max(len(line) for line in funnel.splitlines() if "version" not in line) <= 80


@pytest.mark.slow
def test_a_manifest_that_is_refused_whole_plans_nothing_and_says_one_sentence(damaged: Any) -> None:
    installation, made, _ = damaged
    manifest = str(Path(made["folder"]) / "manifest_missing_column.csv")
    ended = installation.run("build", "run", "egoavu", "--manifest", manifest, "--videos", made["folder"], "--name", "whole", code=65)
    assert ended.stderr.count("\n") == 1
    assert "manifest_missing_column.csv has no column end_time" in ended.stderr
    assert ended.stdout == ""
    names = {each["name"] for each in installation.json("build", "list")["builds"]}
    assert names == {"good_manifest", "manifest"}


@pytest.mark.slow
def test_a_mended_video_is_built_by_a_retry(damaged: Any) -> None:
    installation, made, _ = damaged
    folder = Path(made["folder"])
    broken = (folder / "truncated.mp4").read_bytes()
    (folder / "truncated.mp4").write_bytes((folder / "good_pantry.mp4").read_bytes())
    try:
        report = installation.json("build", "retry", "manifest", "--reason", "file_cut_off")
    finally:
        (folder / "truncated.mp4").write_bytes(broken)
    assert report["counts"]["register"]["done"] == 4
    left = json.dumps(installation.json("build", "failed", "manifest"))
    assert left.count("file_cut_off") == 1
