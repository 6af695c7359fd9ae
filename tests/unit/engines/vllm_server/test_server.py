"""A server's life, with a fake that starts in a moment: real processes, ports and signals."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import psutil
import pytest

from egoetl.core.errors import ConfigError
from egoetl.core.models import Launch, ModelSpec
from egoetl.engines.vllm_server import server as module
from egoetl.engines.vllm_server.server import VllmServer

Spec = Callable[..., ModelSpec]
AssertGone = Callable[[Iterable[int], float], None]
OOM = """Traceback (most recent call last):
(EngineCore pid=2) ERROR 11-28 23:16:33 [core.py:9] torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB.
RuntimeError: Engine core initialization failed. See root cause above."""


def pids_of(checkpoint: Path) -> list[int]:
    return [int(each) for each in (checkpoint / "pids").read_text().split()]


async def test_it_starts_answers_and_leaves_nothing(spec: Spec, python: Path, checkpoint: Path, assert_gone: AssertGone) -> None:
    told: list[str] = []
    async with VllmServer(spec(), python=python, tell=told.append) as server:
        assert await server.is_well()
        assert server.endpoint.startswith("http://127.0.0.1:")
        seen = json.loads((checkpoint / "seen.json").read_text())
        assert seen["environment"]["VLLM_API_KEY"] == server.secret
        commands = [" ".join(each.info["cmdline"] or ()) for each in psutil.process_iter(["cmdline"])]
        assert not any(server.secret in command for command in commands)
        assert not server.ended.is_set()
    assert server.ended.is_set()
    assert not await server.is_well()
    assert_gone(pids_of(checkpoint), 5)
    assert told[0] == "Model writer starts vLLM for tiny@abc on the CPU."
    assert "is ready after" in told[-1]


async def test_what_ignores_sigterm_is_killed(
    spec: Spec, python: Path, checkpoint: Path, assert_gone: AssertGone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "GRACE_SECONDS", 0.2)
    (checkpoint / "deaf").touch()
    async with VllmServer(spec(), python=python):
        pass
    assert_gone(pids_of(checkpoint), 5)


async def test_its_log_keeps_lines_and_leaves_progress_bars_out(spec: Spec, python: Path, tmp_path: Path) -> None:
    log = tmp_path / "logs" / "writer.log"
    async with VllmServer(spec(), python=python, log=log):
        pass
    lines = log.read_text().splitlines()
    assert "Resolved architecture" in lines[0]
    assert [line for line in lines if "Completed" in line] == [
        "Loading safetensors checkpoint shards: 100% Completed | 1/1 [00:00<00:00, 95.52it/s]"
    ]


@pytest.mark.parametrize(
    ("said", "reason", "sentence"),
    [
        (OOM, "gpu_memory_full", r"the GPU's memory is full \(torch.OutOfMemoryError: CUDA out of memory.*\); lower `memory_fraction`"),
        ("error: unrecognized arguments: --nonsense", "vllm_arguments_refused", "vLLM does not take an argument"),
        ("RuntimeError: something new", "model_server_died", "ended while it started: RuntimeError: something new; its log says more"),
    ],
)
async def test_one_that_dies_loading_says_why(
    spec: Spec, python: Path, checkpoint: Path, assert_gone: AssertGone, said: str, reason: str, sentence: str
) -> None:
    (checkpoint / "dies_loading").write_text(said)
    told: list[str] = []
    with pytest.raises(ConfigError, match=sentence) as refused:
        await VllmServer(spec(), python=python, tell=told.append).start()
    assert refused.value.reason == reason
    assert said.splitlines()[-1] in told
    assert_gone(pids_of(checkpoint), 5)


async def test_one_that_never_gets_ready_is_given_up(spec: Spec, python: Path, checkpoint: Path, assert_gone: AssertGone) -> None:
    (checkpoint / "never_ready").touch()
    with pytest.raises(ConfigError, match=r"is not ready after \d+ s .* raise `start_seconds`") as refused:
        await VllmServer(spec(Launch(gpus=0, start_seconds=1)), python=python).start()
    assert refused.value.reason == "model_server_slow"
    assert_gone(pids_of(checkpoint) if (checkpoint / "pids").exists() else [], 5)


async def test_a_start_that_is_cancelled_leaves_nothing(
    spec: Spec, python: Path, checkpoint: Path, assert_gone: AssertGone, patiently: Callable[..., None]
) -> None:
    (checkpoint / "never_ready").touch()
    starting = asyncio.create_task(VllmServer(spec(), python=python).start())
    await asyncio.to_thread(patiently, (checkpoint / "pids").exists)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert_gone(pids_of(checkpoint), 5)


@pytest.mark.slow
async def test_a_port_that_somebody_takes_first_means_another_port(spec: Spec, python: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ports: Iterator[int] = iter([port, module._free_port()])
        monkeypatch.setattr(module, "_free_port", lambda: next(ports))
        told: list[str] = []
        async with VllmServer(spec(), python=python, tell=told.append) as server:
            assert str(port) not in server.endpoint
            assert await server.is_well()
    assert f"Model writer found port {port} taken, and takes another." in told


CALLER = """
import asyncio, sys
from pathlib import Path
from egoetl.core.models import ModelSpec
from egoetl.engines.vllm_server.server import VllmServer

async def main():
    async with VllmServer(ModelSpec.model_validate_json(sys.argv[1]), python=Path(sys.argv[2])):
        print("ready", flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_server_outlives_its_process(spec: Spec, python: Path, checkpoint: Path, assert_gone: AssertGone, number: int) -> None:
    command = [sys.executable, "-c", CALLER, spec().model_dump_json(), str(python)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as caller:
        assert caller.stdout is not None
        assert caller.stdout.readline() == "ready\n"
        assert all(psutil.pid_exists(each) for each in pids_of(checkpoint))
        os.kill(caller.pid, number)
    assert_gone(pids_of(checkpoint), 20)


async def test_somebody_elses_server_at_the_port_is_not_taken_for_ours(spec: Spec, python: Path) -> None:
    async with VllmServer(spec(), python=python) as server:
        port = int(server.endpoint.split(":")[2].removesuffix("/v1"))
        assert await module.is_ours(port, server.secret)
        assert not await module.is_ours(port, "another")
        with pytest.raises(urllib.error.HTTPError, match="401"):
            await asyncio.to_thread(urllib.request.urlopen, f"{server.endpoint}/models")
