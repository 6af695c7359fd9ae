"""One container: a process group, what it wrote, and its status as its pod shows it."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

from kubernetes_api.objects import Bell, now
from kubernetes_api.refusals import Json

GUARD = Path(__file__).with_name("guard.py")
FREEZE = ("sh", "-c", 'kill -STOP $$; exec "$@"', "held")
"""Before a command: it is frozen before it begins."""
LONGEST_LINE = 16 * 2**20
LONGEST_MESSAGE = 4096


@dataclass(frozen=True)
class Line:
    """What a container wrote, with its end of line, and when."""

    at_ns: int
    text: bytes

    def stamp(self) -> bytes:
        """The time as `kubectl logs --timestamps` puts it before the line."""
        whole, rest = divmod(self.at_ns, 10**9)
        return f"{datetime.fromtimestamp(whole, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z ".encode()


class Container:
    """A container from its creation on. `changed` is called whenever its status is another one."""

    def __init__(self, spec: Json, termination_log: Path, changed: Callable[[], None]) -> None:
        self.spec = spec
        self.lines: list[Line] = []
        self.wrote = Bell()
        self.ended = asyncio.Event()
        self.exit_code: int | None = None
        self.status: Json = {"name": spec["name"], "image": spec["image"], "imageID": "", "ready": False, "started": False}
        self.status |= {"restartCount": 0, "state": {"waiting": {"reason": "ContainerCreating"}}}
        self._termination_log = termination_log
        self._changed = changed
        self._process: asyncio.subprocess.Process | None = None
        self._pump: asyncio.Task[None] | None = None
        self._reason: str | None = None
        self._mute = False

    @property
    def begun(self) -> bool:
        """Whether there is a log of it."""
        return self._process is not None

    def wait_for(self, reason: str, message: str = "") -> None:
        """Note why the container does not run yet."""
        self._say({"waiting": {"reason": reason, **({"message": message} if message else {})}})

    async def start(self, command: Sequence[str], environment: dict[str, str], folder: Path, *, held: bool) -> None:
        """Start the command in a session of its own, under the guard; if `held`, frozen before it has done anything."""
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", str(GUARD), *(FREEZE if held else ()), *command),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            limit=LONGEST_LINE,
            env=environment,
            cwd=folder,
            start_new_session=True,
        )
        while held and not any(each.status() == psutil.STATUS_STOPPED for each in self._family()):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)
        self.status |= {"containerID": f"process://{self._process.pid}", "imageID": self.spec["image"]}
        self._say({"running": {"startedAt": now()}}, ready=True)
        self._pump = asyncio.create_task(self._follow(now()))

    def signal(self, number: int) -> None:
        """Send a signal to the whole process group, as far as it lives."""
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    def kill(self, reason: str) -> None:
        """End it at once; its status will give this reason."""
        self._reason = reason
        self.signal(signal.SIGKILL)

    def vanish(self) -> None:
        """End it without a word to anybody, as a node that is lost does."""
        self._mute = True
        self.signal(signal.SIGKILL)

    def pause(self) -> None:
        """Freeze what the container runs, until `resume`."""
        for process in self._family():
            with suppress(psutil.NoSuchProcess):
                process.suspend()

    def resume(self) -> None:
        """Let it run on."""
        for process in self._family():
            with suppress(psutil.NoSuchProcess):
                process.resume()

    async def stop(self, grace_seconds: float) -> None:
        """SIGTERM, and SIGKILL after the grace; returns when everything of the group is gone."""
        if self._pump is None or self.ended.is_set():
            return
        if grace_seconds > 0:
            self.resume()
            self.signal(signal.SIGTERM)
            with suppress(TimeoutError):
                await asyncio.wait_for(self.ended.wait(), grace_seconds)
        self.signal(signal.SIGKILL)
        await self.ended.wait()

    async def _follow(self, started: str) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        async for text in self._process.stdout:
            self.lines.append(Line(time.time_ns(), text))
            self.wrote.ring()
        code = await self._process.wait()
        self.exit_code = code if code >= 0 else 128 - code
        self._kill_leftovers()
        ended = {
            "exitCode": self.exit_code,
            "reason": self._reason or ("Error" if self.exit_code else "Completed"),
            "message": self._message(),
        }
        self._say({"terminated": {**ended, "startedAt": started, "finishedAt": now(), "containerID": self.status["containerID"]}})
        self.ended.set()
        self.wrote.ring()

    def _kill_leftovers(self) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.close()
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def _message(self) -> str | None:
        """What the container says of its end, as its terminationMessagePolicy has it."""
        if self._termination_log.exists() and (said := self._termination_log.read_bytes()):
            return said[:LONGEST_MESSAGE].decode(errors="replace")
        if self.exit_code and self.spec.get("terminationMessagePolicy") == "FallbackToLogsOnError":
            return b"".join(line.text for line in self.lines[-80:])[-2048:].decode(errors="replace")
        return None

    def _say(self, state: Json, *, ready: bool = False) -> None:
        if not self._mute:
            self.status |= {"state": state, "ready": ready, "started": ready}
            self._changed()

    def _family(self) -> list[psutil.Process]:
        if self._process is None or self._process.returncode is not None:
            return []
        with suppress(psutil.NoSuchProcess):
            return psutil.Process(self._process.pid).children(recursive=True)
        return []
