"""Every export of one real build, read back as its consumer reads it."""

import csv
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import pytest

from egoetl.local.postgres import Postgres
from egoetl.testing.installation import Footage, Installation

pytestmark = pytest.mark.slow

PLACEHOLDERS = {"videos": "<video>", "audios": "<audio>"}
WEBDATASET = """
import io, json, sys
import av, webdataset
for sample in webdataset.WebDataset(sys.argv[1:], shardshuffle=False).decode(only=["json"]):
    with av.open(io.BytesIO(sample["mp4"])) as container:
        seconds = sum(1 for _ in container.decode(video=0)) / float(container.streams.video[0].average_rate)
    print(json.dumps({"json": sample["json"], "files": sorted(name for name in sample if name[0] != "_"), "seconds": seconds}))
"""
CAPTION_KEYS = {"chunk_id", "start_time", "end_time", "video_description", "sound_description", "object_description"}


@pytest.fixture(scope="module")
def built(
    postgres_server: Postgres,
    migrated_template: str,
    database_names: Iterator[str],
    tiny_footage: Footage,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Installation]:
    """A build named `night` over two tiny videos, one of them in two clips, and a refused row."""
    folder = tmp_path_factory.mktemp("exports") / "videos"
    shutil.copytree(tiny_footage.folder, folder)
    rows = ("attic,0,11.0,train,wide", "cellar,0,1.5,test,", "cellar,1.5,4,test,high", "attic,9,3,train,")
    (folder / "manifest.csv").write_text("\n".join(("id,start_time,end_time,split,lens", *rows)) + "\n")
    name = next(database_names)
    postgres_server.create_database(name, template=migrated_template)
    installation = Installation(postgres_server.url(name), tmp_path_factory.mktemp("store"), Footage(folder))
    installation.run("build", "run", *installation.order("night"), "--set", "source_licences=Made for tests")
    yield installation
    postgres_server.drop_database(name)


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(newline="") as stream:
        return list(csv.DictReader(stream))


def records_of(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def seconds_of(file: Path) -> float:
    with av.open(str(file)) as container:
        return sum(1 for _ in container.decode(video=0)) / float(container.streams.video[0].average_rate)


def version_of(built: Installation) -> Path:
    return Path(str(built.json("build", "show", "night")["version_path"]).removeprefix("file://"))


def test_materialize_writes_every_clip_and_lists_every_row(built: Installation, tmp_path: Path) -> None:
    report = built.json("materialize", "night", "--out", str(tmp_path))
    rows = rows_of(tmp_path / "manifest_output.csv")
    assert [list(row.values())[:5] for row in rows] == [
        ["attic", "0", "11.0", "train", "wide"], ["cellar", "0", "1.5", "test", ""], ["cellar", "1.5", "4", "test", "high"],
        ["attic", "9", "3", "train", ""],
    ]  # fmt: skip
    assert list(rows[0]) == ["id", "start_time", "end_time", "split", "lens", "output_path"]
    assert [row["output_path"] for row in rows] == [
        str(tmp_path / "train/attic_0_11.mp4"), str(tmp_path / "test/cellar_0_1.5.mp4"), str(tmp_path / "test/cellar_1.5_4.mp4"), "",
    ]  # fmt: skip
    assert [seconds_of(Path(row["output_path"])) for row in rows[:3]] == pytest.approx([11, 1.5, 2.5], abs=0.01)
    assert [each["reason"] for each in report["not_built"]] == ["window_inverted"]
    assert (report["written"], report["kept"], report["failed"]) == (3, 0, [])
    assert built.json("materialize", "night", "--out", str(tmp_path))["kept"] == 3


def test_materialize_writes_segments_of_a_build_and_of_a_version(built: Installation, tmp_path: Path) -> None:
    built.run("materialize", "night", "--out", str(tmp_path), "--of", "segments")
    names = {file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("*.mp4")}
    assert names == {
        "train/attic_0_10.mp4", "train/attic_10_11.mp4", "test/cellar_0_1.5.mp4", "test/cellar_1.5_4.mp4",
    }  # fmt: skip
    rows = rows_of(tmp_path / "manifest_output.csv")
    assert [(row["id"], row["start_time"], row["end_time"], row["lens"]) for row in rows if row["output_path"]] == [
        ("attic", "0", "10", "wide"), ("attic", "10", "11", "wide"), ("cellar", "0", "1.5", ""), ("cellar", "1.5", "4", "high"),
    ]  # fmt: skip
    report = built.json("materialize", "egoavu@latest", "--out", str(tmp_path), "--of", "segments")
    assert (report["kept"], report["written"]) == (4, 0)
    assert {row["output_path"] for row in rows_of(tmp_path / "egoavu_1_output.csv")} == {str(tmp_path / name) for name in names}


def test_a_video_that_is_gone_fails_its_windows_and_the_command_says_so(built: Installation, tmp_path: Path) -> None:
    hidden = built.footage.folder / "attic.mp4"
    aside = hidden.rename(tmp_path / "aside.mp4")
    try:
        ended = built.run("materialize", "night", "--out", str(tmp_path / "out"), code=65)
    finally:
        aside.rename(hidden)
    assert "1 windows could not be written" in ended.stderr
    assert "video_missing" in ended.stdout
    assert [bool(row["output_path"]) for row in rows_of(tmp_path / "out/manifest_output.csv")] == [False, True, True, False]


def test_stage_files_have_egoavus_names_and_keys(built: Installation, tmp_path: Path) -> None:
    built.run("export", "night", "--format", "egoavu", "--out", str(tmp_path))
    captions = records_of(tmp_path / "captions/merged_captions.jsonl")
    assert [(each["id"], each["path"]) for each in captions] == [
        ("attic_0_11", "train/attic_0_11.mp4"), ("cellar_0_1.5", "test/cellar_0_1.5.mp4"), ("cellar_1.5_4", "test/cellar_1.5_4.mp4"),
    ]  # fmt: skip
    assert [set(chunk) for each in captions for chunk in each["information"]] == [CAPTION_KEYS] * 4
    chunks = [(chunk["chunk_id"], chunk["start_time"], chunk["end_time"]) for each in captions for chunk in each["information"]]
    assert chunks == [(0, 0.0, 10.0), (1, 10.0, 11.0), (0, 0.0, 1.5), (0, 1.5, 4.0)]
    graphs = records_of(tmp_path / "mcg/mcg_output.jsonl")
    assert set(graphs[0]["information"][0]) == CAPTION_KEYS | {"mcg"}
    assert set(graphs[0]["information"][0]["mcg"]) == {"interacted_objects", "non_interacted_objects", "sounds"}
    narrations = records_of(tmp_path / "av_narration/av_narration_output.jsonl")
    assert set(narrations[0]["information"][0]) == CAPTION_KEYS | {"mcg", "av_caption"}
    assert all(isinstance(chunk["av_caption"], str) for each in narrations for chunk in each["information"])


def test_pairs_of_each_task_are_those_of_the_version(built: Installation, tmp_path: Path) -> None:
    built.run("export", "night", "--format", "egoavu", "--out", str(tmp_path))
    exported: dict[str, set[str]] = {}
    for file in (tmp_path / "qa").glob("qa_*.jsonl"):
        for record in records_of(file):
            assert set(record) == {"id", "path", "information", file.stem}
            exported.setdefault(file.stem.removeprefix("qa_"), set()).update(pair["question"] for pair in record[file.stem])
    published = [row for name in ("egoavu_instruct.csv", "egoavu_bench_combined.csv") for row in rows_of(version_of(built) / name)]
    assert published
    for task, questions in exported.items():
        assert {row["question"].split("\nA. ")[0] for row in published if row["category"] == task} <= questions
    assert {row["category"] for row in published} <= set(exported)


def test_a_version_is_exported_as_published_and_datasets_reads_it(
    built: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE"):
        monkeypatch.setenv(name, "1")
    from datasets import load_dataset

    out = tmp_path / "out"
    built.run("export", "egoavu@1", "--format", "parquet", "--out", str(out))
    published = version_of(built)
    assert {file.relative_to(out): file.read_bytes() for file in out.rglob("*") if file.is_file()} == {
        file.relative_to(published): file.read_bytes() for file in published.rglob("*") if file.is_file()
    }
    read = load_dataset(str(out), cache_dir=str(tmp_path / "cache"))
    assert set(read) == {"train", "test"}
    assert read["train"].num_rows == len(rows_of(out / "egoavu_instruct.csv"))
    assert set(read["test"]["video_id"]) == {"cellar"}
    assert isinstance(read["train"][0]["options"], list)
    assert "Source videos: Made for tests." in (out / "README.md").read_text()


def test_narrations_are_those_of_every_segment(built: Installation) -> None:
    narrations = json.loads((version_of(built) / "egoavu_narrations.json").read_bytes())
    assert [(each["video_id"], each["start_time"], each["end_time"]) for each in narrations] == [
        ("attic", 0.0, 10.0), ("attic", 10.0, 11.0), ("cellar", 0.0, 1.5), ("cellar", 1.5, 4.0),
    ]  # fmt: skip
    assert all(each["audio_visual_narration"] for each in narrations)


def test_llamafactory_finds_datasets_columns_and_media(built: Installation, tmp_path: Path) -> None:
    built.run("export", "night", "--format", "llamafactory", "--out", str(tmp_path))
    info = json.loads((tmp_path / "dataset_info.json").read_bytes())
    assert set(info) == {"egoavu_train", "egoavu_test"}
    for name, described in info.items():
        assert described["formatting"] == "sharegpt"
        records = json.loads((tmp_path / described["file_name"]).read_bytes())
        assert len(records) == len(rows_of(version_of(built) / f"egoavu_{'instruct' if name.endswith('train') else 'bench_combined'}.csv"))
        for record in records:
            assert set(described["columns"].values()) == set(record)
            turns = [(turn[described["tags"]["role_tag"]], turn[described["tags"]["content_tag"]]) for turn in record["messages"]]
            assert [role for role, _ in turns] == [described["tags"]["user_tag"], described["tags"]["assistant_tag"]]
            assert turns[0][1].startswith("<video><audio>")
            for column, placeholder in PLACEHOLDERS.items():
                assert sum(content.count(placeholder) for _, content in turns) == len(record[column]) == 1
                assert (tmp_path / record[column][0]).is_file()


def test_webdataset_reads_the_shards(built: Installation, tmp_path: Path) -> None:
    arguments = ("export", "egoavu@1", "--format", "webdataset", "--out", str(tmp_path), "--of", "windows", "--shard-mib")
    many = built.json(*arguments, "1")["files"]
    assert {file.name for file in tmp_path.iterdir()} == {each["path"] for each in many}
    shards = [str(tmp_path / each["path"]) for each in many if each["path"].endswith(".tar")]
    read = read_by_webdataset(shards)
    assert len(read) == sum(each["records"] for each in many if each["records"])
    assert all({"mp4", "wav", "json"} <= set(sample["files"]) for sample in read)
    asked = [pair["qa_id"] for sample in read for pair in sample["json"]["pairs"]]
    assert sorted(asked) == sorted(qa_id for (qa_id,) in built.rows("SELECT qa_id FROM version_pair"))
    assert [sample["seconds"] for sample in read] == pytest.approx(
        [sample["json"]["end_time"] - sample["json"]["start_time"] for sample in read], abs=0.05
    )
    before = members_of(shards)

    index = json.loads((tmp_path / "index.json").read_bytes())
    (tmp_path / "egoavu-train-000009.tar").write_bytes(b"of an older version")
    older = [*index["shards"], {"name": "egoavu-train-000009.tar", "samples": 1, "size_bytes": 19}]
    (tmp_path / "index.json").write_text(json.dumps({"key": "0" * 64, "shards": older}))
    again = built.json(*arguments, "100")["files"]
    assert {file.name for file in tmp_path.iterdir()} == {each["path"] for each in again}
    assert members_of([str(tmp_path / each["path"]) for each in again if each["path"].endswith(".tar")]) == before
    assert built.json(*arguments, "100")["files"] == again


def read_by_webdataset(shards: list[str]) -> list[dict[str, Any]]:
    """What the library makes of the shards, in a process of its own: it leaves files open."""
    ended = subprocess.run([sys.executable, "-W", "ignore", "-c", WEBDATASET, *shards], check=True, capture_output=True, text=True)
    return [json.loads(line) for line in ended.stdout.splitlines()]


def members_of(shards: list[str]) -> dict[str, str]:
    """Name to digest of every member; none has a clock or a person in its header."""
    found: dict[str, str] = {}
    for shard in shards:
        with tarfile.open(shard) as tar:
            for member in tar:
                assert (member.mtime, member.uid, member.gid, member.uname) == (0, 0, 0, "")
                stream = tar.extractfile(member)
                assert stream is not None
                found[member.name] = hashlib.sha256(stream.read()).hexdigest()
    return found


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("egoavu@7", "--format", "parquet"), "has no version '7'; it has 1"),
        (("nobody", "--format", "parquet"), "nobody"),
        (("egoavu@1", "--format", "egoavu"), "is a version, and this export is of a build"),
    ],
)
def test_a_wrong_address_is_the_callers_mistake(built: Installation, tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    assert words in built.run("export", *arguments, "--out", str(tmp_path), code=64).stderr
    assert list(tmp_path.iterdir()) == []
