"""The form of a backfill refuses what the command line could not use, and an answered form makes one command line."""

import itertools
from datetime import UTC, datetime
from typing import Any

import pytest
from airflow.sdk import DAG
from airflow.sdk.exceptions import ParamValidationError

from egoetl.cli.backfill_selection import selection_of
from egoetl.core.backfill import ErrorClass
from egoetl.recipes.index import load
from egoetl_airflow.backfill_params import ERROR_CLASSES, backfill_arguments, backfill_params

FORM = backfill_params(load("egoavu"))


def answers(**given: Any) -> dict[str, Any]:
    return {name: param.value for name, param in FORM.items()} | given


def test_a_form_that_nobody_filled_in_is_valid_and_only_asks() -> None:
    DAG("form", schedule=None, params=FORM).params.validate()
    assert backfill_arguments("egoavu", "b", answers()) == ["backfill", "egoavu", "--dry-run"]


def test_every_answer_reaches_the_command_line_which_understands_it() -> None:
    given = answers(
        dry_run=False, first_night="2026-01-18", last_night="2026-01-20", stages=["caption", "mcg"], error_class="config", reason="r",
        since="2026-01-18T06:00:00+00:00", limit=3, engine="measured", settings=["seed=43"],
    )  # fmt: skip
    arguments = backfill_arguments("egoavu", "b", given)
    assert arguments[-4:] == ["--name", "b", "--plan-only", "--json"]
    assert " ".join(arguments).count("--limit 3 --engine measured --set seed=43") == 1
    only = [value for option, value in itertools.pairwise(arguments) if option == "--only"]
    chosen = selection_of(only, 3)
    assert (chosen.nights, chosen.stages, chosen.error_class) == (("2026-01-18", "2026-01-20"), ("caption", "mcg"), "config")
    assert (chosen.reason, chosen.since, chosen.of_failed) == ("r", datetime(2026, 1, 18, 6, tzinfo=UTC), True)


def test_one_night_is_the_first_and_the_last() -> None:
    assert backfill_arguments("egoavu", "b", answers(first_night="2026-01-18"))[2:4] == ["--only", "nights=2026-01-18..2026-01-18"]


def test_the_form_offers_the_error_classes_there_are() -> None:
    assert ErrorClass.__args__ == ERROR_CLASSES


@pytest.mark.parametrize(
    "bad",
    [
        {"dry_run": "yes"},
        {"stages": ["captions"]},
        {"error_class": "bad"},
        {"limit": 0},
        {"first_night": "monday"},
        {"since": "yesterday"},
        {"prompt": "caption"},
        {"engine": "gpt"},
        {"settings": ["dataset=other"]},
    ],
)
def test_the_form_refuses(bad: dict[str, Any]) -> None:
    ((name, value),) = bad.items()
    with pytest.raises(ParamValidationError):
        FORM[name].__copy__().resolve(value)
