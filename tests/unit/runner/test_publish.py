"""Publishing: whole or not at all, the same set under the same name, one split for a video's bytes."""

import json
from pathlib import Path

import pytest

from egoetl.core.errors import DataError
from egoetl.core.records import QAPair
from egoetl.core.release import AcceptedPair
from egoetl.runner.build import run_build
from egoetl.runner.gate import close_gate
from egoetl.runner.publish import publish
from egoetl.runner.shard import silent
from egoetl.testing.store import MemoryStore

SHA, OTHER_SHA = "ab" * 32, "cd" * 32


def accepted(qa_id: str, video: str, split: str, sha256: str = SHA) -> AcceptedPair:
    pair = QAPair(qa_id=qa_id, task="avsn", question="What?", answer="That.", start_ms=0, end_ms=1000)
    return AcceptedPair(pair=pair, video_id=video, video_sha256=sha256, clip_id="clip", split=split)


class DyingStore(MemoryStore):
    """A store whose process is killed after some files of a version."""

    def __init__(self, folder: Path, files: int) -> None:
        super().__init__(folder)
        self.left = files

    def create(self, path: str, data: bytes) -> bool:
        if path.startswith("versions/"):
            if self.left == 0:
                raise KeyboardInterrupt
            self.left -= 1
        return super().create(path, data)


async def drafted(recorded, name: str = "night"):
    """A build that has run to before its folds."""
    build = recorded.plan(name)
    await recorded.run(build)
    return build


async def test_a_version_is_its_files_and_a_manifest_of_them(recorded) -> None:
    folder = publish(recorded.tools, await drafted(recorded))
    store = recorded.tools.store
    manifest = json.loads(store.read(f"{folder}/manifest.json"))
    assert [each["path"] for each in manifest["files"]] == [
        "README.md", "data/train.parquet", "toy_bench_combined.csv", "toy_instruct.csv", "toy_narrations.json",
    ]  # fmt: skip
    assert set(store.paths(folder)) == {f"{folder}/{each['path']}" for each in manifest["files"]} | {f"{folder}/manifest.json"}
    assert manifest["pairs"] == {"train": {"tour": 4}}
    assert "seconds" not in manifest


async def test_a_publish_that_is_killed_leaves_no_manifest_and_the_next_one_ends_it(recorded, tmp_path: Path) -> None:
    build = await drafted(recorded)
    whole = recorded.tools.store
    for files in range(6):
        dying = recorded.tools.store = DyingStore(tmp_path / "dying", files)
        with pytest.raises(KeyboardInterrupt):
            publish(recorded.tools, build)
        left = list(dying.paths("versions"))
        assert len(left) == files
        assert not [path for path in left if path.endswith("manifest.json")]
        assert recorded.tools.reports.version_of(build.seq) is None
    dying.left = 10
    folder = publish(recorded.tools, build)
    recorded.tools.store = whole
    assert publish(recorded.tools, build) == folder
    assert {path: dying.read(path) for path in dying.paths("versions")} == {path: whole.read(path) for path in whole.paths("versions")}


async def test_the_same_set_is_the_same_version(recorded) -> None:
    first = publish(recorded.tools, await drafted(recorded, "monday"))
    second = publish(recorded.tools, await drafted(recorded, "tuesday"))
    assert first == second
    assert len(recorded.tools.reports.versions(recorded.named("toy"))) == 1


async def test_a_version_is_cumulative(recorded) -> None:
    await run_build(recorded.tools, recorded.plan("monday", "a"), silent)
    recorded.film("c")
    build = recorded.plan("tuesday", "c")
    await run_build(recorded.tools, build, silent)
    version = recorded.tools.reports.version_of(build.seq)
    assert (version["number"], version["counts"]) == (2, {"train": {"tour": 4}})


async def test_other_bytes_in_the_versions_place_are_never_overwritten(recorded) -> None:
    build = await drafted(recorded)
    folder = publish(recorded.tools, build)
    store = recorded.tools.store
    store.delete(f"{folder}/README.md")
    store.create(f"{folder}/README.md", b"somebody else's")
    with pytest.raises(DataError, match="move it away") as raised:
        publish(recorded.tools, build)
    assert raised.value.reason == "version_conflict"
    assert store.read(f"{folder}/README.md") == b"somebody else's"


async def test_the_gate_stays_closed_until_there_is_a_version(recorded) -> None:
    build = await drafted(recorded)
    with pytest.raises(DataError, match="run stage publish") as raised:
        close_gate(recorded.tools, build)
    assert raised.value.reason == "not_published"
    publish(recorded.tools, build)
    close_gate(recorded.tools, build)
    assert recorded.tools.reports.version_of(build.seq)["state"] == "published"
