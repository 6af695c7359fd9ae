"""Mistakes at the command line: an exit code for who must act, one sentence with the remedy, never a traceback.

The executable is started once for each exit code; the other mistakes are made in this process, through the same `main`.
"""

import json
import os
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from egoetl.testing.installation import EGOETL

UNREACHABLE = "postgresql://egoetl:secret-word@127.0.0.1:1/egoetl"


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


def started(*arguments: str, **settings: str) -> Ended:
    """Run the executable with no settings but these."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("EGOETL_")}
    ended = subprocess.run([EGOETL, *arguments], env={**inherited, **settings}, text=True, capture_output=True, check=False, timeout=60)
    return Ended(ended.returncode, ended.stdout, ended.stderr)


def assert_sentence(ended: Ended, code: int, *words: str) -> None:
    """One line on standard error that begins with the program's name and ends with a full stop."""
    assert ended.code == code, ended.err
    *before, sentence = ended.err.splitlines()
    assert [line for line in before if not line.startswith("The lineage database")] == []
    assert sentence.startswith("egoetl: ")
    assert sentence.endswith(".")
    assert [word for word in words if word not in sentence] == []


@pytest.fixture
def order(tmp_path: Path) -> list[str]:
    """Arguments of a build whose manifest and folder exist."""
    (tmp_path / "m.csv").write_text("id,start_time,end_time\na,0,10\n")
    return ["egoavu", "--manifest", str(tmp_path / "m.csv"), "--videos", str(tmp_path)]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["build", "run"], ["recipe", "`egoetl build run --help`"]),
        (["build", "run", "egoavu"], ["--videos", "`egoetl build run --help`"]),
        (["build", "show"], ["name", "`egoetl build show --help`"]),
        (["bild"], ["bild"]),
        (["build", "list", "--colour"], ["--colour"]),
        (["try", "caption"], ["--segment"]),
        (["build", "plan", "egoavu", "--night", "tonight"], ["--night"]),
    ],
)
def test_a_command_line_that_is_not_understood_is_64(egoetl, arguments: list[str], words: list[str]) -> None:
    assert_sentence(egoetl(*arguments), 64, *words)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--limit", "0"], ["--limit"]),
        (["--set", "seed"], ["--set seed", "NAME=VALUE"]),
        (["--set", "colour=red"], ["colour", "test_percent"]),
        (["--engine", "magic"], ["magic", "measured"]),
        (["--to", "nap"], ["nap", "caption"]),
        (["--from", "mcg", "--to", "caption"], ["--to caption comes before --from mcg"]),
    ],
)
def test_an_order_that_cannot_be_is_64(egoetl, order: list[str], more: list[str], words: list[str]) -> None:
    assert_sentence(egoetl("build", "run", *order, *more), 64, *words)


def test_an_unknown_recipe_is_64_and_names_those_there_are(egoetl, order: list[str]) -> None:
    assert_sentence(egoetl("build", "run", "egoavux", *order[1:]), 64, "egoavux", "egoavu")


def test_a_folder_or_manifest_that_is_not_there_is_64(egoetl, order: list[str], tmp_path: Path) -> None:
    assert_sentence(egoetl("build", "plan", *order[:3], "--videos", "/nowhere/at/all"), 64, "/nowhere/at/all")
    assert_sentence(egoetl("build", "plan", "egoavu", "--manifest", "/nowhere.csv", "--videos", str(tmp_path)), 64, "/nowhere.csv")


def test_a_manifest_without_its_columns_is_65_and_names_those_it_wants(egoetl, order: list[str], tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("video;begin\n")
    assert_sentence(egoetl("build", "run", *order), 65, "id, start_time, end_time", "split, uri")


@pytest.mark.parametrize(
    "arguments", [["build", "list"], ["build", "show", "x"], ["db", "status"], ["db", "upgrade"], ["trace", "qa", "x"], ["store", "gc"]]
)
def test_without_a_database_it_is_78(egoetl, tmp_path: Path, arguments: list[str]) -> None:
    assert_sentence(egoetl(*arguments, EGOETL_STORE_URL=tmp_path.as_uri()), 78, "EGOETL_DATABASE_URL", "egoetl local up")


def test_without_a_store_it_is_78(egoetl, shared) -> None:
    assert_sentence(egoetl("store", "gc", EGOETL_DATABASE_URL=shared.database_url), 78, "EGOETL_STORE_URL", "egoetl local up")


@pytest.mark.parametrize(
    ("name", "value"), [("DATABASE_URL", "nonsense"), ("STORE_URL", "s3://bucket"), ("LEASE_SECONDS", "long"), ("EXECUTION", "moon")]
)
def test_a_setting_that_cannot_be_is_78_and_named(on_shared, name: str, value: str) -> None:
    ended = on_shared("store", "gc", **{f"EGOETL_{name}": value})
    assert_sentence(ended, 78, f"EGOETL_{name}" if name != "STORE_URL" else value)


def test_a_database_without_the_schema_is_78(egoetl, empty_database_url: str) -> None:
    assert_sentence(egoetl("build", "list", EGOETL_DATABASE_URL=empty_database_url), 78, "egoetl db upgrade")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["build", "show", "nightly"], "nightly"),
        (["build", "failed", "nightly"], "nightly"),
        (["build", "retry", "nightly"], "nightly"),
        (["build", "drop", "nightly"], "nightly"),
        (["stage", "run", "--build", "nightly", "--stages", "caption"], "nightly"),
        (["trace", "qa", "qa_none"], "qa_none"),
        (["trace", "segment", "none.000"], "none.000"),
        (["trace", "video", "nobody"], "nobody"),
        (["try", "caption", "--segment", "none.000"], "none.000"),
        (["try", "caption", "--segment", "none.000", "--prompt", "/nowhere.md"], "/nowhere.md"),
    ],
)
def test_what_is_not_known_is_64_and_named(on_shared, arguments: list[str], word: str) -> None:
    assert_sentence(on_shared(*arguments), 64, word)


def test_stages_and_shards_that_a_build_does_not_have_are_64(on_shared, shared) -> None:
    assert on_shared("build", "plan", *shared.order("planned")).code == 0
    run = ("stage", "run", "--build", "planned")
    assert_sentence(on_shared(*run, "--stages", "caption"), 64, "--shard")
    assert_sentence(on_shared(*run, "--stages", "caption", "--shard", "7"), 64, "7", "[0]")
    assert_sentence(on_shared(*run, "--stages", "nap", "--shard", "0"), 64, "nap", "caption")
    assert_sentence(on_shared(*run, "--stages", " , ", "--shard", "0"), 64, "--stages")


def test_another_order_under_a_taken_name_is_64(on_shared, shared) -> None:
    assert on_shared("build", "plan", *shared.order("taken")).code == 0
    assert_sentence(on_shared("build", "plan", *shared.order("taken"), "--set", "seed=7"), 64, "taken", "recipe_settings", "--name")


def test_a_dropped_build_is_not_run_again_under_its_old_name(on_shared, shared) -> None:
    assert on_shared("build", "plan", *shared.order("dropped")).code == 0
    assert on_shared("build", "drop", "dropped").code == 0
    assert_sentence(on_shared("build", "retry", "dropped"), 64, "Build dropped was dropped")


def test_doctor_says_what_is_missing_and_what_helps(egoetl) -> None:
    ended = egoetl("doctor", AIRFLOW_HOME="/nowhere")
    lines = ended.out.splitlines()
    assert [line.split()[0] for line in lines if " MISSING " in line] == ["database", "store"]
    assert lines.count("database: run `egoetl local up` and load what it prints.") == 1
    assert_sentence(ended, 78, "checks failed: database, store")
    found = json.loads(egoetl("doctor", "--json", AIRFLOW_HOME="/nowhere").out.splitlines()[-1])["checks"]
    assert {"python", "codecs", "ffmpeg", "engines", "recipes", "airflow"} <= {each["name"] for each in found if each["ok"]}
    assert [each["remedy"] for each in found if not each["ok"]] == ["run `egoetl local up` and load what it prints."] * 2


def test_doctor_is_content_with_a_whole_installation(on_shared) -> None:
    ended = on_shared("doctor", AIRFLOW_HOME="/nowhere")
    assert (ended.code, "MISSING" in ended.out) == (0, False)


@pytest.mark.parametrize("arguments", [[], ["build"], ["store"], ["trace"]])
def test_a_command_without_its_verb_shows_its_help(egoetl, arguments: list[str]) -> None:
    ended = egoetl(*arguments)
    assert ended.code == 64
    assert "Usage: egoetl" in ended.out
    assert ended.err == ""


def test_help_is_no_mistake(egoetl) -> None:
    assert egoetl("build", "run", "--help").code == 0


def test_a_defect_of_egoetl_is_70_and_shows_its_traceback(egoetl, monkeypatch: pytest.MonkeyPatch, caplog) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("egoetl.runner.checks.run_checks", broken)
    assert egoetl("doctor").code == 70
    assert "this is a defect of egoetl" in caplog.text
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.slow
def test_the_executable_ends_with_the_same_codes(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("video;begin\n")
    order = ["egoavu", "--manifest", str(tmp_path / "m.csv"), "--videos", str(tmp_path)]
    assert_sentence(started("build", "run"), 64, "recipe")
    assert_sentence(started("build", "run", *order), 65, "id, start_time, end_time")
    assert_sentence(started("build", "list"), 78, "EGOETL_DATABASE_URL")
    away = started("build", "list", EGOETL_DATABASE_URL=UNREACHABLE, EGOETL_PATIENCE_SECONDS="0.2")
    assert_sentence(away, 75, "away", "run the same command again")
    assert "secret-word" not in away.out + away.err
