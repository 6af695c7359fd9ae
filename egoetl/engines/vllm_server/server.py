"""One `vllm serve` for a model: started, waited for, watched, and stopped with everything that it has started."""

import asyncio
import os
import secrets
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import Self

from egoetl.core.command_process import CommandProcess
from egoetl.core.errors import ConfigError, TryAgainError
from egoetl.core.models import ModelSpec
from egoetl.engines.vllm_server.causes import PORT_TAKEN, cause_of, how_ended
from egoetl.engines.vllm_server.checkpoint import check_checkpoint
from egoetl.engines.vllm_server.command import HOST, arguments, environment, launch_of
from egoetl.engines.vllm_server.executable import vllm_of
from egoetl.engines.vllm_server.log import ServerLog
from egoetl.engines.vllm_server.readiness import is_ours, is_well

Tell = Callable[[str], None]
PORTS_TRIED = 5
LOOK_SECONDS = 0.2
"""How often a server that starts is looked at."""
TELL_SECONDS = 30.0
"""How often a person is told that a server still starts."""
GRACE_SECONDS = 10.0
"""Between SIGTERM and SIGKILL."""
TAIL = 15
"""Lines of the log that a person is shown of a server that died."""


class VllmServer:
    """A server of one model on this machine's loopback. It ends when this process does, however that ends.

    Args:
        spec: the model, with `launch`.
        python: the interpreter of the environment that has vLLM; None: see `vllm_of`.
        devices: the GPUs that it may use, as CUDA_VISIBLE_DEVICES names them; none: as CUDA counts them.
        log: the file that its lines are added to.
        tell: told how it goes, in a line now and then, also from other threads.
        given: the environment that it starts from; None: this process's.
    """

    def __init__(
        self,
        spec: ModelSpec,
        *,
        python: Path | None = None,
        devices: Sequence[str] = (),
        log: Path | None = None,
        tell: Tell = lambda _: None,
        given: Mapping[str, str] | None = None,
    ) -> None:
        self.spec = spec
        self.log = ServerLog(log, tell)
        self._python = python
        self._devices = tuple(devices)
        self._file = log
        self._tell = tell
        self._given = os.environ if given is None else given
        self._port = 0
        self._key = ""
        self._process: CommandProcess | None = None
        self._ended = asyncio.Event()
        self._code = 0

    @property
    def endpoint(self) -> str:
        """The base URL of the running server."""
        return f"http://{HOST}:{self._port}/v1"

    @property
    def secret(self) -> str:
        """The key that the running server asks for; made anew at each start. Never log it."""
        return self._key

    @property
    def ended(self) -> asyncio.Event:
        """Set once the running server has ended, by itself or because it was stopped."""
        return self._ended

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start the server and wait until it answers.

        Raises:
            ConfigError: it cannot start before a person acts: no vLLM, a broken checkpoint, too little memory (see `causes`),
                or `model_server_slow` if it takes longer than the model's `start_seconds`.
            TryAgainError: `port_taken` if others take every port that it is given.
        """
        vllm = vllm_of(self._python)
        if self.spec.checkpoint is not None:
            await asyncio.to_thread(check_checkpoint, Path(self.spec.checkpoint))
        began = monotonic()
        for _ in range(PORTS_TRIED):
            self._launch(vllm)
            try:
                if await self._until_ready(began):
                    self.log.tell_errors()
                    return self._say(f"is ready after {monotonic() - began:.0f} s")
            except BaseException:
                await self.stop()
                raise
            await self.stop()
        raise TryAgainError(
            f"Others took each of {PORTS_TRIED} ports that the vLLM server of model {self.spec.name} was given; try again.",
            reason="port_taken",
        )

    async def stop(self) -> None:
        """End the server and all that it has started: SIGTERM, and SIGKILL for what is still there 10 s later."""
        if self._process is not None:
            self.log.be_quiet()
            self._process.let_go()
            await self._ended.wait()
            self._process = None

    async def is_well(self) -> bool:
        """Whether it can answer requests."""
        return not self._ended.is_set() and await is_well(self._port)

    def obituary(self) -> str:
        """How a server that has ended did so, in words."""
        return f"the vLLM server has ended: {how_ended(self.log.lines(), self._code)}"

    def _launch(self, vllm: Path) -> None:
        self._port, self._key = _free_port(), secrets.token_urlsafe(32)
        command = [str(vllm), "serve", *arguments(self.spec, self._port)]
        variables = environment(self.spec, self._given, self._devices, self._key, vllm)
        self.log.begin()
        launch = launch_of(self.spec)
        where = f"{launch.gpus} GPU{'s' * (launch.gpus > 1)}" if launch.gpus else "the CPU"
        self._say(f"starts vLLM for {self.spec.identity} on {where}" + (f"; its log is {self._file}" if self._file else ""))
        self._ended = asyncio.Event()
        self._process = CommandProcess(command, variables, self.log, grace_seconds=GRACE_SECONDS)
        loop, process, ended = asyncio.get_running_loop(), self._process, self._ended
        # A thread of its own, not one of the loop's: a loop waits for those when it closes.
        threading.Thread(target=self._watch, args=(process, loop, ended), name=f"vllm {self.spec.name}", daemon=True).start()

    def _watch(self, process: CommandProcess, loop: asyncio.AbstractEventLoop, ended: asyncio.Event) -> None:
        code = process.wait().code

        def end() -> None:
            self._code = code
            ended.set()

        try:
            loop.call_soon_threadsafe(end)
        except RuntimeError:
            return  # the loop is closed: nobody waits any more

    async def _until_ready(self, began: float) -> bool:
        """Wait until it answers; False if its port is taken. Raises ConfigError if it ends before, or takes too long."""
        told, phase = monotonic(), self.log.phase
        while not await self._is_ready():
            if self._ended.is_set():
                return self._could_not_start()
            if monotonic() - began > launch_of(self.spec).start_seconds:
                raise ConfigError(
                    f"The vLLM server of model {self.spec.name} is not ready after {monotonic() - began:.0f} s ({self.log.phase}); "
                    "raise `start_seconds` of the model, or see its log for what it waits for.",
                    reason="model_server_slow",
                )
            if self.log.phase != phase or monotonic() - told > TELL_SECONDS:
                told, phase = monotonic(), self.log.phase
                self._say(f"is {phase} ({told - began:.0f} s)")
            await asyncio.sleep(LOOK_SECONDS)
        return True

    async def _is_ready(self) -> bool:
        return not self._ended.is_set() and await is_well(self._port) and await is_ours(self._port, self._key)

    def _could_not_start(self) -> bool:
        lines = self.log.lines()
        if any(PORT_TAKEN.search(line) for line in lines):
            self._say(f"found port {self._port} taken, and takes another")
            return False
        for line in lines[-TAIL:]:
            self._tell(line)
        raise cause_of(self.spec, lines, self._code)

    def _say(self, what: str) -> None:
        self._tell(f"Model {self.spec.name} {what}.")


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind((HOST, 0))
        return int(asked.getsockname()[1])
