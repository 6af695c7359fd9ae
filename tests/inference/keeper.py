"""`python -m inference.keeper HOME NAME CHECKPOINT`: keeps one vLLM server for as long as somebody uses it."""

import asyncio
import fcntl
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import IO

from egoetl.core.models import FramePolicy, Launch, ModelSpec
from egoetl.engines.vllm_server.server import VllmServer
from inference.environment import PYTHON
from inference.servers import START_SECONDS, ModelServer, server_told

CONTEXT = 16_384
LOOKS = {
    "tiny-omni": FramePolicy(processor="qwen2.5-omni", pictures="container", sound="interleaved"),
    "tiny-vl": FramePolicy(processor="qwen2.5-vl", pictures="frames"),
    "tiny-llama": None,
}
EXTRA = (
    "--distributed-executor-backend", "uni",
    "--mm-processor-cache-gb", "0.1",
    "--max-num-batched-tokens", str(CONTEXT),
    "--limit-mm-per-prompt", '{"image": 32, "video": 2, "audio": 2}',
    "--trust-request-mm-kwargs",
)  # fmt: skip
"""Whatever a test's frame policy sends fits: these stand behind what the model's own policy asks for, and win."""
TEXT_EXTRA = ("--distributed-executor-backend", "uni")
VARIABLES = {
    # A tiny model gains nothing from a second thread, and other tests run beside.
    "OMP_NUM_THREADS": "1",
    # With `uni` above, the engine is its own worker: a process fewer, a third of the time to start and 0.7 GB.
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
}
LOOK_SECONDS = 0.5


async def keep(home: Path, name: str, checkpoint: Path) -> int:
    """0 once nobody uses the server any more; 1 if it ends before."""
    look = LOOKS[name]
    extra = EXTRA if look else TEXT_EXTRA
    launch = Launch(gpus=0, max_model_len=CONTEXT, max_num_seqs=16, start_seconds=START_SECONDS, extra=extra)
    spec = ModelSpec(name=name, model=name, revision="test", checkpoint=str(checkpoint), launch=launch, look=look)
    server = VllmServer(spec, python=PYTHON, log=home / "server.log", tell=print, given=os.environ | VARIABLES)
    told = server_told(home)
    with (home / "users").open("w") as users:
        async with server:
            facts = ModelServer(name, server.endpoint, server.secret, str(checkpoint), str(home / "server.log"), os.getpid())
            _write(told, json.dumps(asdict(facts)))
            try:
                while not _is_unused(users):
                    if server.ended.is_set():
                        print(server.obituary())
                        return 1
                    await asyncio.sleep(LOOK_SECONDS)
            finally:
                told.unlink()
    return 0


def _is_unused(users: IO[str]) -> bool:
    """Takes the lock for good when nobody has it, so that whoever comes now waits until this server is gone."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _write(file: Path, text: str) -> None:
    """Whole or not at all."""
    half = file.with_suffix(".half")
    half.touch(0o600)
    half.write_text(text)
    half.rename(file)


if __name__ == "__main__":
    sys.exit(asyncio.run(keep(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))))
