"""A whole build over every form of video: nothing fails, nothing is blocked, and pairs come out."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from egoetl.footage.formats.index import FORMATS
from egoetl.footage.formats.make_formats import make_formats
from egoetl.testing.installation import Footage, Installation

pytestmark = pytest.mark.slow


@pytest.fixture
def installation(postgres_server: Any, migrated_template: str, database_names: Iterator[str], tmp_path: Path) -> Iterator[Installation]:
    """An empty installation over the whole set."""
    make_formats(tmp_path / "videos", lambda done, total: None)
    name = next(database_names)
    postgres_server.create_database(name, template=migrated_template)
    yield Installation(postgres_server.url(name), tmp_path / "store", Footage(tmp_path / "videos"))
    postgres_server.drop_database(name)


def test_every_form_goes_through_every_stage(installation: Installation) -> None:
    report = installation.json("build", "run", *installation.order("formats"))
    assert (report["state"], report["failures"]) == ("succeeded", [])
    assert {stage: (each["failed"], each["blocked"], each["pending"]) for stage, each in report["counts"].items()} == dict.fromkeys(
        report["counts"], (0, 0, 0)
    )
    assert report["counts"]["frames"]["done"] == len(FORMATS)
    assert report["counts"]["caption"]["done"] == 2 * len(FORMATS)
    # The one form without sound is the only clip that nothing is asked about its sound.
    assert {(each["reason"], each["units"]) for each in report["drops"] if each["stage"] == "qa_avh_sound"} == {("no_sound", 1)}
    assert report["qa"]["ssa"] == len(FORMATS)
