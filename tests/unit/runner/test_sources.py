"""From a manifest uri to a file, never outside the videos folder."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from egoetl.algorithms.digest import sha256_of_file
from egoetl.core.errors import DataError
from egoetl.runner.sources import SUFFIXES, SourceVideos
from egoetl.storage.sources.folder import FolderRoot
from egoetl.testing.samples import a_clip


@pytest.fixture
def videos(tmp_path: Path) -> Path:
    folder = tmp_path / "videos"
    (folder / "deep").mkdir(parents=True)
    (folder / "kitchen.mp4").write_bytes(b"kitchen")
    (folder / "deep" / "hall.mov").write_bytes(b"hall")
    (tmp_path / "videos.mp4").write_bytes(b"beside the folder")
    (tmp_path / "secret.mp4").write_bytes(b"secret")
    return folder


@pytest.mark.parametrize(
    ("uri", "file"),
    [
        ("kitchen.mp4", "kitchen.mp4"),
        ("kitchen", "kitchen.mp4"),
        ("deep/hall", "deep/hall.mov"),
        ("file://kitchen.mp4", "kitchen.mp4"),
        ("./kitchen.mp4", "kitchen.mp4"),
    ],
)
def test_a_uri_names_a_file_of_the_folder(videos: Path, uri: str, file: str) -> None:
    assert SourceVideos(FolderRoot(videos), {}).find(uri).address == str(videos / file)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_known_suffix_is_tried(videos: Path, suffix: str) -> None:
    file = videos / f"made{suffix}"
    file.write_bytes(b"x")
    assert SourceVideos(FolderRoot(videos), {}).find("made").address == str(file)


@pytest.mark.parametrize(
    "uri", ["../secret.mp4", "deep/../../secret.mp4", "/etc/passwd", "file:///etc/passwd", "..", ".", "", "./", "file://", "deep/../.."]
)
def test_no_uri_leads_out_of_the_folder(videos: Path, uri: str) -> None:
    with pytest.raises(DataError) as raised:
        SourceVideos(FolderRoot(videos), {}).find(uri)
    assert raised.value.reason == "path_escapes_root"


@pytest.mark.parametrize("uri", ["nowhere", "deep", "kitchen.mp4/x", "https://example.org/x.mp4"])
def test_what_is_not_there_is_missing(videos: Path, uri: str) -> None:
    with pytest.raises(DataError, match="put it there or mend the manifest") as raised:
        SourceVideos(FolderRoot(videos), {}).find(uri)
    assert raised.value.reason == "video_missing"


def test_a_name_that_the_system_refuses_is_a_typed_error(videos: Path) -> None:
    with pytest.raises(DataError) as raised:
        SourceVideos(FolderRoot(videos), {}).find("v" * 300)
    assert raised.value.reason == "video_unreadable"


def test_a_link_within_the_folder_is_followed(videos: Path) -> None:
    (videos / "linked.mp4").symlink_to(videos.parent / "secret.mp4")
    assert SourceVideos(FolderRoot(videos), {}).find("linked").address == str(videos / "linked.mp4")


@pytest.fixture
def registered(videos: Path):
    """The kitchen video as it was registered."""
    sha256 = sha256_of_file(videos / "kitchen.mp4")
    return a_clip().video.model_copy(update={"sha256": sha256})


def test_a_registered_video_is_found_by_its_bytes(videos: Path, registered) -> None:
    assert SourceVideos(FolderRoot(videos), {registered.sha256: "kitchen"}).of(registered, ExitStack()) == videos / "kitchen.mp4"


def test_a_file_that_has_changed_since_is_refused(videos: Path, registered) -> None:
    (videos / "kitchen.mp4").write_bytes(b"cut anew")
    with pytest.raises(DataError, match="other bytes") as raised:
        SourceVideos(FolderRoot(videos), {registered.sha256: "kitchen"}).of(registered, ExitStack())
    assert raised.value.reason == "video_changed"


def test_a_file_that_cannot_be_read_is_a_typed_error(videos: Path, registered) -> None:
    (videos / "kitchen.mp4").unlink()
    (videos / "kitchen.mp4").symlink_to("/proc/self/mem")
    with pytest.raises(DataError, match="cannot be read") as raised:
        SourceVideos(FolderRoot(videos), {registered.sha256: "kitchen"}).of(registered, ExitStack())
    assert raised.value.reason == "video_unreadable"
