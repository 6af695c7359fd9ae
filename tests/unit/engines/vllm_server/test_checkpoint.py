"""Broken checkpoints are known before anything is started."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from egoetl.core.errors import ConfigError
from egoetl.engines.vllm_server.checkpoint import check_checkpoint


def cut(folder: Path) -> None:
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-2])


def scribble(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"\xff" * 100)


def point_at_a_pointer(folder: Path) -> None:
    (folder / "model.safetensors").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 15\n")


def lose_a_shard(folder: Path) -> None:
    named = {"weight_map": {"a": "model.safetensors", "b": "model-00002-of-00002.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(named))


DAMAGE: list[tuple[Callable[[Path], object], str]] = [
    (cut, "model.safetensors has 105 bytes of 107, it was cut off"),
    (scribble, "model.safetensors has no readable header"),
    (point_at_a_pointer, "model.safetensors has no readable header"),
    (lose_a_shard, "names model-00002-of-00002.safetensors, which is not there"),
    (lambda folder: (folder / "model.safetensors").unlink(), "it holds no weights"),
    (lambda folder: (folder / "config.json").unlink(), "it holds no config.json"),
    (lambda folder: (folder / "config.json").write_text("{"), "config.json is no JSON"),
    (lambda folder: (folder / "config.json").write_text("[]"), "config.json holds no JSON object"),
]


def test_a_whole_checkpoint_passes(checkpoint: Path) -> None:
    check_checkpoint(checkpoint)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"There is no checkpoint folder .*/nothing; correct the path") as refused:
        check_checkpoint(tmp_path / "nothing")
    assert refused.value.reason == "checkpoint_missing"


@pytest.mark.parametrize(("damage", "sentence"), DAMAGE)
def test_a_broken_checkpoint_says_what_is_wrong(checkpoint: Path, damage: Callable[[Path], object], sentence: str) -> None:
    damage(checkpoint)
    with pytest.raises(ConfigError, match=sentence) as refused:
        check_checkpoint(checkpoint)
    assert refused.value.reason == "checkpoint_broken"
    assert str(refused.value).endswith("; copy it again.")
