"""Real vLLM servers that die: in mid-work, twice, with the process that started them, and before they serve."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import psutil
import pytest
from inference.tiny import Checkpoints
from pydantic import BaseModel, Field

from egoetl.core.errors import ConfigError
from egoetl.core.models import Launch, ModelSpec
from egoetl.core.ports import Message, Request, Sampling
from egoetl.core.records import Record
from egoetl.engines.vllm_server.engine import VllmEngine
from egoetl.engines.vllm_server.server import VllmServer

pytestmark = [pytest.mark.slow, pytest.mark.needs("models"), pytest.mark.timeout(1500)]
AssertGone = Callable[[Iterable[int], float], None]
Children = Callable[[], list[psutil.Process]]
# A process fewer than by default, and a third of the time.
LAUNCH = Launch(gpus=0, max_model_len=4096, max_num_seqs=8, extra=("--distributed-executor-backend", "uni"), start_seconds=500)


class Shape(BaseModel):
    """Enough text that several requests are in flight together for seconds."""

    said: list[str] = Field(min_length=20, max_length=20)


class Item(Record):
    """Any."""


@pytest.fixture
def children() -> Children:
    """The processes that this test has started; servers that the session's tests share run beside them."""
    before = set(psutil.Process().children(recursive=True))
    return lambda: [each for each in psutil.Process().children(recursive=True) if each not in before]


def request(number: int) -> Request:
    asked = (Message(role="user", content=f"Number {number}: say what happens."),)
    return Request("caption", Item(), asked, None, Shape, Sampling(max_tokens=200, seed=number, temperature=0.7), unit_id=str(number))


def model(checkpoint: Path) -> ModelSpec:
    return ModelSpec(name="tiny", model="tiny", revision="1", checkpoint=str(checkpoint), launch=LAUNCH)


class Launched:
    """An engine, with its servers' processes and what it has told."""

    def __init__(self, checkpoint: Path, python: Path, log: Path, children: Children) -> None:
        self.told: list[str] = []
        self._children = children
        self.servers: list[VllmServer] = []
        self._spec, self._python, self._log = model(checkpoint), python, log
        self.engine = VllmEngine(self._spec, self._make, self.told.append)

    def processes(self) -> dict[str, int]:
        """Of the server that runs, by what they are."""
        found = {each.name(): each.pid for each in self._children()}
        return {"server": found["vllm"], "engine": next(pid for name, pid in found.items() if name.startswith("VLLM::Engine"))}

    def _make(self) -> VllmServer:
        self.servers.append(VllmServer(self._spec, python=self._python, log=self._log, tell=self.told.append))
        return self.servers[-1]


def requests(log: Path) -> int:
    """How many requests servers have begun."""
    return log.read_text().count("Received request") if log.exists() else 0


async def test_what_is_in_flight_is_asked_again_and_a_second_death_is_a_status(
    tiny_checkpoints: Checkpoints,
    models_python: Path,
    tmp_path: Path,
    children: Children,
    assert_gone: AssertGone,
    patiently: Callable[..., None],
) -> None:
    log = tmp_path / "vllm.log"
    launched = Launched(tiny_checkpoints.llama, models_python, log, children)
    first = [asyncio.create_task(launched.engine.ask(request(number))) for number in range(6)]
    await asyncio.to_thread(patiently, lambda: requests(log) >= 3, seconds=500)
    seen = children()
    os.kill(launched.processes()["engine"], signal.SIGKILL)
    # Those in flight may all have been answered by then; these come to a server that is dying or dead.
    first += [asyncio.create_task(launched.engine.ask(request(number))) for number in range(20, 24)]
    assert {each.status for each in await asyncio.gather(*first)} <= {"ok", "truncated"}
    assert (await launched.engine.ask(request(30))).status in ("ok", "truncated")
    assert len(launched.servers) == 2

    before = requests(log)
    second = [asyncio.create_task(launched.engine.ask(request(number))) for number in range(6, 10)]
    await asyncio.to_thread(patiently, lambda: requests(log) >= before + 2)
    seen += children()
    os.kill(launched.processes()["server"], signal.SIGKILL)
    assert {each.status for each in await asyncio.gather(*second)} <= {"ok", "truncated", "server_error"}
    last = await launched.engine.ask(request(11))
    assert last.status == "server_error"
    assert "died again: the vLLM server has ended: it was killed with signal 9" in last.detail
    assert any("it is started again" in line for line in launched.told)

    await launched.engine.close()
    assert_gone((each.pid for each in seen), 60)


CALLER = """
import asyncio, sys
from pathlib import Path
from egoetl.core.models import ModelSpec
from egoetl.engines.vllm_server.server import VllmServer

server = VllmServer(ModelSpec.model_validate_json(sys.argv[1]), python=Path(sys.argv[2]), tell=lambda line: print(line, flush=True))
asyncio.run(server.start())
"""


def test_no_process_of_vllm_outlives_a_killed_command(tiny_checkpoints: Checkpoints, models_python: Path, assert_gone: AssertGone) -> None:
    command = [sys.executable, "-c", CALLER, model(tiny_checkpoints.llama).model_dump_json(), str(models_python)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as caller:
        assert caller.stdout is not None
        while "is starting its engine" not in (line := caller.stdout.readline()):
            assert line, "it ended before its engine started"
        started = psutil.Process(caller.pid).children(recursive=True)
        assert any(each.name().startswith("VLLM::Engine") for each in started)
        caller.kill()
    assert_gone((each.pid for each in started), 60)


async def test_what_vllm_cannot_load_is_said_in_one_sentence(
    tiny_checkpoints: Checkpoints, models_python: Path, tmp_path: Path, children: Children, assert_gone: AssertGone
) -> None:
    for file in tiny_checkpoints.llama.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**config, "architectures": ["NobodyForCausalLM"], "model_type": "nobody"}))
    with pytest.raises(ConfigError, match=r"could not be loaded: vLLM does not know its architecture \(.+\); take a model") as refused:
        await VllmServer(model(tmp_path), python=models_python).start()
    assert refused.value.reason == "architecture_unknown"
    assert "\n" not in str(refused.value)
    assert_gone((each.pid for each in children()), 60)
