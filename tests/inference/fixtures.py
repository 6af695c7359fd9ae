"""What tests of models ask for. Such a test is marked `needs("models")`, which makes it slow, and leaves it out where vLLM is missing."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from system_packages import require

from inference import environment, tiny
from inference.servers import ModelServer, shared_server


@pytest.fixture(scope="session")
def models_python() -> Path:
    """The interpreter of the environment with torch, transformers and vLLM."""
    require("models")
    return environment.PYTHON


@pytest.fixture(scope="session")
def tiny_checkpoints(models_python: Path) -> tiny.Checkpoints:
    """Random weights in the real architectures, with tokenizers, processors and chat templates."""
    return tiny.checkpoints()


@pytest.fixture(scope="session")
def session_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all processes of this session."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def omni_server(tiny_checkpoints: tiny.Checkpoints, session_folder: Path) -> Iterator[ModelServer]:
    """vLLM with the tiny Qwen2.5-Omni: text, pictures, video, sound."""
    with shared_server("tiny-omni", tiny_checkpoints.omni, session_folder) as server:
        yield server


@pytest.fixture(scope="session")
def vl_server(tiny_checkpoints: tiny.Checkpoints, session_folder: Path) -> Iterator[ModelServer]:
    """vLLM with the tiny Qwen2.5-VL: text, pictures, video."""
    with shared_server("tiny-vl", tiny_checkpoints.vl, session_folder) as server:
        yield server


@pytest.fixture(scope="session")
def llama_server(tiny_checkpoints: tiny.Checkpoints, session_folder: Path) -> Iterator[ModelServer]:
    """vLLM with the tiny Llama: text."""
    with shared_server("tiny-llama", tiny_checkpoints.llama, session_folder) as server:
        yield server
