"""The tiny checkpoints, built once for a machine and kept beside the environment that builds them."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from inference.environment import FOLDER, LOCK, PYTHON, ROOT

SECONDS = 300
"""Nearly all of it is importing transformers, on a loaded machine."""


@dataclass(frozen=True)
class Checkpoints:
    """Folders as a model hub would hold them."""

    folder: Path

    @property
    def omni(self) -> Path:
        """Qwen2.5-Omni, full configuration."""
        return self.folder / "omni"

    @property
    def vl(self) -> Path:
        """Qwen2.5-VL."""
        return self.folder / "vl"

    @property
    def llama(self) -> Path:
        """Llama."""
        return self.folder / "llama"


def checkpoints() -> Checkpoints:
    """Built if they are not there as the builder, the lock and the golden prompts now ask for them; one process builds, others wait."""
    folder = FOLDER / f"checkpoints-{_digest()}"
    with (FOLDER / "checkpoints.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _build(folder)
    return Checkpoints(folder)


def _digest() -> str:
    builder = sorted(each for each in (Path(__file__).parent / "checkpoints").rglob("*") if each.suffix in (".py", ".jinja"))
    golden = sorted([*ROOT.glob("tests/golden/prompts/*.txt"), *ROOT.glob("tests/golden/schemas/*.json")])
    return hashlib.sha256(b"".join(each.read_bytes() for each in [*builder, LOCK, *golden])).hexdigest()[:12]


def _build(folder: Path) -> None:
    for old in FOLDER.glob("checkpoints-*"):
        shutil.rmtree(old)
    unfinished = FOLDER / "checkpoints-unfinished"
    quiet = {"TRANSFORMERS_VERBOSITY": "error", "HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_HUB_OFFLINE": "1"}
    environment = {**os.environ, **quiet, "PYTHONPATH": str(ROOT / "tests")}
    command = [str(PYTHON), "-m", "inference.checkpoints", str(unfinished)]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert ended.returncode == 0, ended.stderr
    unfinished.rename(folder)
