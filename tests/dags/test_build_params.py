"""The form refuses what the command line could not use, and an answered form makes one command line."""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk import DAG
from airflow.sdk.exceptions import ParamValidationError

from egoetl.core.errors import ConfigError
from egoetl.recipes.index import load
from egoetl_airflow.build_params import build_params, night_of, plan_arguments
from egoetl_airflow.stage_command import build_name

FORM = build_params(load("egoavu"))
WHERE = {"EGOETL_MANIFEST": "/data/night.csv", "EGOETL_VIDEOS": "/data/videos"}


def answers(**given: Any) -> dict[str, Any]:
    return {name: param.value for name, param in FORM.items()} | given


def test_a_form_that_nobody_filled_in_is_valid_and_takes_manifest_and_videos_from_the_environment() -> None:
    DAG("form", schedule=None, params=FORM).params.validate()
    assert " ".join(plan_arguments("egoavu", "egoavu-1", answers(), None, WHERE)) == (
        "build plan egoavu --name egoavu-1 --manifest /data/night.csv --videos /data/videos --engine measured --json"
    )


def test_every_answer_becomes_an_option() -> None:
    given = answers(manifest="m.csv", videos="v", limit=8, clips_per_shard=2, settings=["frames.frames_per_second=1", "floor=0.9"])
    assert " ".join(plan_arguments("egoavu", "b", given, "2026-11-18", WHERE)) == (
        "build plan egoavu --name b --manifest m.csv --videos v --engine measured --night 2026-11-18 --limit 8"
        " --set clips_per_shard=2 --set frames.frames_per_second=1 --set floor=0.9 --json"
    )


@pytest.mark.parametrize(
    ("given", "waiting", "where", "rows"),
    [
        ({}, False, {"EGOETL_ARRIVALS": "s3://in/new"}, "--videos s3://in/new --arrivals"),
        ({"arrivals": True, "videos": "s3://in"}, False, {}, "--videos s3://in --arrivals"),
        ({}, False, WHERE | {"EGOETL_ARRIVALS": "/data/videos/new"}, "--manifest /data/night.csv --videos /data/videos --arrivals"),
        ({"manifest": "m.csv", "videos": "v"}, False, {"EGOETL_ARRIVALS": "s3://in/new"}, "--manifest m.csv --videos v"),
        ({}, True, WHERE | {"EGOETL_ARRIVALS": "s3://in/new"}, "--videos s3://in/new --waiting"),
    ],
)
def test_what_has_arrived_is_built_beside_a_manifest_or_without_one(
    given: dict[str, Any], waiting: bool, where: dict[str, str], rows: str
) -> None:
    arguments = " ".join(plan_arguments("egoavu", "b", answers(**given), None, where, waiting=waiting))
    assert arguments == f"build plan egoavu --name b {rows} --engine measured --json"


def test_arrivals_outside_the_videos_of_the_manifest_are_not_left_out_in_silence() -> None:
    with pytest.raises(ConfigError, match="does not lie below EGOETL_VIDEOS"):
        plan_arguments("egoavu", "b", answers(), None, WHERE | {"EGOETL_ARRIVALS": "/data/videos2"})


@pytest.mark.parametrize("field", ["manifest", "videos"])
def test_without_an_answer_anywhere_the_error_names_both_remedies(field: str) -> None:
    variable = f"EGOETL_{field.upper()}"
    with pytest.raises(ConfigError, match=f"no {field}: fill in the form's field '{field}', or set {variable}"):
        plan_arguments("egoavu", "b", answers(), None, {name: value for name, value in WHERE.items() if name != variable})


@pytest.mark.parametrize(
    "bad",
    [
        {"engine": "gpt"},
        {"limit": 0},
        {"limit": "8"},
        {"clips_per_shard": 0},
        {"settings": ["floor"]},
        {"settings": ["dataset=other"]},
        {"settings": "floor=1"},
        {"manifest": 3},
    ],
)
def test_the_form_refuses(bad: dict[str, Any]) -> None:
    ((name, value),) = bad.items()
    with pytest.raises(ParamValidationError):
        FORM[name].__copy__().resolve(value)


def test_only_scheduled_and_backfilled_runs_have_a_night() -> None:
    start = datetime(2026, 11, 18, tzinfo=UTC)
    nights = {
        run_type: night_of({"dag_run": SimpleNamespace(run_type=run_type), "data_interval_start": start})
        for run_type in ("scheduled", "backfill", "manual", "asset_triggered")
    }
    assert nights == {"scheduled": "2026-11-18", "backfill": "2026-11-18", "manual": None, "asset_triggered": None}


def test_a_run_without_a_data_interval_has_no_night() -> None:
    assert night_of({"dag_run": SimpleNamespace(run_type="manual")}) is None


def test_the_build_is_named_after_the_run() -> None:
    assert build_name("egoavu", "scheduled__2026-11-18T00:00:00+00:00") == "egoavu-scheduled__2026-11-18T00-00-00-00-00"
    assert "/" not in build_name("egoavu", "../a b/c")
    assert Path(build_name("egoavu", "../..")).name == build_name("egoavu", "../..")
