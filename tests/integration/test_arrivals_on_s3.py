"""Videos that arrive on S3: found, built, exported and withdrawn as those of a folder are, to the same bytes."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from egoetl.local.postgres import Postgres
from egoetl.testing.installation import Footage, Installation
from egoetl.testing.s3_server import S3Server

pytestmark = [pytest.mark.needs("radosgw"), pytest.mark.slow]


@pytest.fixture
def near(postgres_server: Postgres, migrated_template: str, database_names: Iterator[str], tiny_footage: Footage, tmp_path: Path):
    """An installation of its own, whose videos lie in a folder and were written long ago."""
    name = next(database_names)
    postgres_server.create_database(name, template=migrated_template)
    folder = tmp_path / "near"
    shutil.copytree(tiny_footage.folder, folder)
    for file in folder.iterdir():
        os.utime(file, (0, 0))
    yield Installation(postgres_server.url(name), tmp_path / "near_store", Footage(folder))
    postgres_server.drop_database(name)


@pytest.fixture
def inbox(s3_url: str, radosgw: S3Server, tiny_footage: Footage) -> str:
    """The tiny videos and their manifest below a prefix."""
    for file in tiny_footage.folder.iterdir():
        radosgw.client().upload_file(str(file), s3_url.removeprefix("s3://"), f"in/new/{file.name}")
    return f"{s3_url}/in"


def test_a_night_of_videos_from_s3_publishes_the_bytes_of_one_from_a_folder(
    tiny: Installation, near: Installation, inbox: str, radosgw: S3Server, tmp_path: Path
) -> None:
    afar = replace(tiny, extra={"EGOETL_VIDEO_CACHE": str(tmp_path / "cache"), **radosgw.environment()})
    found = afar.json("ingest", f"{inbox}/new")
    assert ([each["video_id"] for each in found["new"]], [each["reason"] for each in found["refused"]]) == (
        ["attic", "cellar"],
        ["suffix_unknown"],
    )
    assert afar.json("ingest", f"{inbox}/new")["unchanged"] == 3
    near.json("ingest", str(near.footage.folder))
    built = [
        installation.json("build", "run", "egoavu", "--videos", root, "--name", "night")
        for installation, root in ((afar, f"{inbox}/new"), (near, str(near.footage.folder)))
    ]
    assert afar.published(built[0]) == near.published(built[1])
    kept = list((tmp_path / "cache").rglob("whole"))
    assert sorted(file.stat().st_size for file in kept) == sorted(file.stat().st_size for file in near.footage.folder.glob("*.mp4"))


def test_a_manifest_on_s3_names_videos_on_s3_and_everything_finds_them_again(
    tiny: Installation, inbox: str, radosgw: S3Server, tmp_path: Path
) -> None:
    afar = replace(tiny, extra={"EGOETL_VIDEO_CACHE": str(tmp_path / "cache"), **radosgw.environment()})
    order = ["egoavu", "--manifest", f"{inbox}/new/manifest.csv", "--videos", f"{inbox}/new", "--name", "one"]
    report: dict[str, Any] = afar.json("build", "run", *order, "--to", "split")
    assert report["build"] == "one"
    made = afar.json("materialize", "one", "--out", str(tmp_path / "out"), "--of", "clips")
    assert made["written"] == 2
    assert Path(made["list"]).name == "manifest_output.csv"
    (clip,) = afar.rows("SELECT clip_id FROM clip JOIN build_row USING (clip_id) WHERE video_id = 'cellar'")
    assert afar.json("try", "split", "--segment", clip[0])["failure"] is None
    # Another object under the same key is another video.
    bucket = inbox.removeprefix("s3://").split("/")[0]
    radosgw.client().copy_object(Bucket=bucket, Key="in/new/attic.mp4", CopySource={"Bucket": bucket, "Key": "in/new/cellar.mp4"})
    gone = afar.json("materialize", "one", "--out", str(tmp_path / "again"), code=65)
    assert [(each["id"], each["reason"]) for each in gone["failed"]] == [("attic", "video_changed")]
    assert afar.run("build", "plan", "egoavu", "--manifest", f"{inbox}/none.csv", "--videos", f"{inbox}/new", code=64)
    assert afar.run("build", "plan", "egoavu", "--manifest", f"{inbox}/new/manifest.csv", "--videos", f"{inbox}/nothing", code=64)
    assert afar.json("purge", "video", "cellar", "--yes")["done"]
    assert [each["reason"] for each in afar.json("ingest", f"{inbox}/new")["refused"]] == [
        "video_withdrawn",
        "video_withdrawn",
        "suffix_unknown",
    ]
