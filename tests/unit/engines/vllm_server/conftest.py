"""A `vllm` that starts in a moment."""

import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from egoetl.core.models import Launch, ModelSpec

FAKE = Path(__file__).with_name("fake_vllm.py")


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """The interpreter of an environment whose `vllm` is the fake."""
    command = tmp_path / "environment" / "bin" / "vllm"
    command.parent.mkdir(parents=True)
    command.write_text(f"#!{sys.executable}\n{FAKE.read_text()}")
    command.chmod(0o755)
    return command.with_name("python")


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    """A folder with the files of a checkpoint, whose one tensor has four bytes."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    header = b'{"__metadata__": {"format": "pt"}, "a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}'
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + bytes(4))
    return folder


@pytest.fixture
def spec(checkpoint: Path) -> Callable[..., ModelSpec]:
    """`spec(**changes)`: a model on the CPU out of that folder."""

    def make(launch: Launch | None = None, **changes: Any) -> ModelSpec:
        said = {"name": "writer", "model": "tiny", "revision": "abc", "checkpoint": str(checkpoint), "launch": launch or Launch(gpus=0)}
        return ModelSpec.model_validate({**said, **changes})

    return make
