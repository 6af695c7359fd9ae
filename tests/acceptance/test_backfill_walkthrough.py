"""A past night is run by Airflow's own backfill and two of its segments are broken; a person backfills them in Airflow's pages."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from airflow_pages import AirflowPages, airflow_pages

from egoetl.local.airflow import USER
from egoetl.local.home import Home
from egoetl.local.installation import Installation as LocalInstallation
from egoetl.local.project import project_root
from egoetl.testing.installation import Footage, Installation

pytestmark = [pytest.mark.slow, pytest.mark.needs("chromium"), pytest.mark.timeout(1500)]
DAG = "build_egoavu"
NIGHT, DUE, NEXT_NIGHT = "2026-01-18", "2026-01-19", "2026-01-19"
RUN = f"backfill__{DUE}T00:00:00+00:00"
BUILD = f"egoavu-backfill__{DUE}T00-00-00-00-00"


@pytest.fixture
def local(home: Home, tiny_footage: Footage) -> Iterator[LocalInstallation]:
    """PostgreSQL and Airflow, up, whose nights build the tiny footage."""
    local = LocalInstallation(home)
    egoetl = str(Path(sys.executable).with_name("egoetl"))
    try:
        nightly = {"EGOETL_MANIFEST": str(tiny_footage.manifest), "EGOETL_VIDEOS": str(tiny_footage.folder)}
        subprocess.run([egoetl, "local", "up"], env={**os.environ, **nightly, "EGOETL_HOME": str(home.root)}, check=True)
        local.airflow.wait_for_dag(DAG)
        yield local
    finally:
        local.remove()


@pytest.fixture
def installation(local: LocalInstallation, tiny_footage: Footage) -> Installation:
    """The command line on the same database and store."""
    return Installation(local.postgres.url("egoetl"), local.home.root / "store", tiny_footage)


@pytest.fixture
def pages(local: LocalInstallation) -> Iterator[AirflowPages]:
    """A window in which somebody has signed in."""
    api = local.airflow.api()
    shown = {str(project_root()): "/opt/egoetl", str(local.home.root): "/srv/egoetl"}
    with airflow_pages(api.address, shown) as pages:
        pages.sign_in(USER, api.password)
        yield pages


def test_a_person_backfills_two_broken_segments_of_a_past_night(
    local: LocalInstallation, installation: Installation, pages: AirflowPages, patiently: Any, tmp_path: Path
) -> None:
    register_two_nights(installation, tmp_path)
    container = break_two_segments(installation)
    run_the_night(local.airflow.api(), patiently)
    assert held(installation) == [("attic",)]
    find_it_red(pages)
    mend(container)
    fill_in(pages, dry_run=True)
    read_the_answer(pages)
    assert backfills(installation) == []
    fill_in(pages, dry_run=False)
    see_the_new_version(pages, installation)
    run_the_night(local.airflow.api(), patiently)
    assert local.airflow.api().run(DAG, RUN)["state"] == "success"
    assert held(installation) == [("attic",)]
    assert installation.json("build", "show", BUILD)["counts"]["caption"]["computed"] == 0


def register_two_nights(installation: Installation, folder: Path) -> None:
    """The attic was first seen in the night of the 18th, the cellar in the next one."""
    header, first, *_ = installation.footage.manifest.read_text().splitlines()
    seen_first = folder / "first.csv"
    seen_first.write_text(f"{header}\n{first}\n")
    for night, manifest in ((NIGHT, seen_first), (NEXT_NIGHT, installation.footage.manifest)):
        order = ["--manifest", str(manifest), "--videos", str(installation.footage.folder), "--night", night]
        installation.run("build", "plan", "egoavu", *order, "--name", f"seen-{night}")


def run_the_night(api: Any, patiently: Any) -> None:
    """By Airflow's own backfill, to its end."""
    api.unpause(DAG)
    api.backfill(DAG, DUE)
    patiently(lambda: api.running(DAG), seconds=120, every=0.5)
    patiently(lambda: not api.running(DAG), seconds=900, every=1.0)


def held(installation: Installation) -> list[tuple[str, ...]]:
    """The videos of the night's build."""
    query = "SELECT video_id FROM build_row JOIN build ON seq = build_seq WHERE name = %s AND night = %s"
    return installation.rows(query, BUILD, NIGHT)


def backfills(installation: Installation) -> list[str]:
    return [name for (name,) in installation.rows("SELECT build FROM backfills")]


def break_two_segments(installation: Installation) -> Path:
    """Have the sampled containers made, and put the attic's, which has two segments, out of reach; returns its place."""
    installation.run("build", "run", *installation.order("sampled"), "--to", "frames")
    ((path,),) = installation.rows(
        """
        SELECT artifact.path FROM artifact JOIN build_unit AS unit ON unit.key = artifact.result AND unit.stage = 'frames'
        WHERE (SELECT count(*) FROM segment WHERE segment.clip_id = unit.clip_id) = 2
        """
    )
    container = installation.store / path
    container.rename(container.with_suffix(".away"))
    return container


def mend(container: Path) -> None:
    container.with_suffix(".away").rename(container)


def find_it_red(pages: AirflowPages) -> None:
    """The run, its only red task, and what the task's log says."""
    pages.open_dag(DAG)
    pages.open_run(RUN)
    pages.wait_until("Failed")
    pages.open_task("gate")
    pages.wait_until_log_says("2 failed, 15 blocked")
    pages.shot("backfill-red")


def fill_in(pages: AirflowPages, *, dry_run: bool) -> None:
    """Trigger the backfill of the build and wait until it is green."""
    pages.open_dag("backfill_failed")
    pages.open_form()
    if not dry_run:
        pages.switch("Dry run")
        pages.shot("backfill-switch")
    pages.unfold("What to make again")
    pages.answer("Build", BUILD)
    if dry_run:
        pages.shot("backfill-form")
    pages.submit()
    pages.wait_until("Success")


def read_the_answer(pages: AirflowPages) -> None:
    """Where a person looks: in the log of the run's first task."""
    pages.open_task("plan")
    pages.wait_until_log_says("Dry run, nothing is written: 2 units of 1 clip selected, 17 to compute.")
    pages.wait_until_log_says(f"Mends {BUILD}.")
    pages.shot("backfill-answer")


def see_the_new_version(pages: AirflowPages, installation: Installation) -> None:
    """The gate says which version is public now, and lineage that it takes the old one's place."""
    pages.open_task("gate")
    pages.wait_until_log_says("is public")
    pages.shot("backfill-version")
    (backfill,) = backfills(installation)
    report = installation.json("build", "show", backfill)
    assert (report["version"], report["version_state"], report["mends_version"], report["mends"]) == (2, "published", 1, {BUILD: True})
    assert report["counts"]["caption"]["computed"] == 2
    assert {each["mended_by"] for each in installation.json("build", "failed", BUILD)["failures"]} == {backfill}
