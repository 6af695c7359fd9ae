"""bench/gpu.py with its thin model on the CPU: the calls are those of a GPU; only sizes and the kind of number differ."""

import os
import subprocess
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "bench" / "gpu.py"


@pytest.mark.needs("models")
def test_a_shard_is_captioned_by_a_thin_model(models_python: Path) -> None:
    # One thread: on a busy machine, two of them mostly wait for each other.
    alone = os.environ | {"OMP_NUM_THREADS": "1"}
    ended = subprocess.run([models_python, BENCH, "--tiny", "--batch", "1"], env=alone, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    told = dict(line.strip("| ").split(" | ") for line in ended.stdout.splitlines() if not line.startswith("|-"))
    assert told["machine"] == "CPU, --tiny: these numbers say nothing"
    assert told["shard"] == "2 segments of 4 s: 8 frames of 336x336, sound"
    # 12 by 12 tokens for each pair of frames, 25 for a second of sound, the prompt, and what stands around both.
    assert told["tokens of a request"] == str(4 * 144 + 4 * 25 + 100 + 4)
