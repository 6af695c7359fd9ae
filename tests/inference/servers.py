"""Real vLLM servers on the CPU, shared by the processes of a test session.

Whoever uses a server holds a shared lock on its file `users`, which the kernel lets go when that process ends, however it ends. The
first user starts a keeper (`keeper.py`), which starts the server and waits until it gets that lock for itself: then nobody is left.
"""

import fcntl
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from inference.environment import ROOT

START_SECONDS = 540
"""Half a minute on a quiet machine; the limit of one test is 600 s."""
_keepers: list["subprocess.Popen[bytes]"] = []
"""Started here. They outlive this process where others use their servers, and are not waited for."""


@dataclass(frozen=True)
class ModelServer:
    """A running server of one tiny checkpoint."""

    model: str
    """The id that requests name."""
    endpoint: str
    """Base URL, up to and with `/v1`."""
    api_key: str
    """The key that it asks for."""
    checkpoint: str
    """Folder of the checkpoint."""
    log: str
    """File that the server writes its log to."""
    keeper: int
    """The process that ends it."""

    @property
    def metrics(self) -> str:
        """Where it counts requests and tokens, in the text format of Prometheus."""
        return self.endpoint.removesuffix("v1") + "metrics"


@contextmanager
def shared_server(name: str, checkpoint: Path, folder: Path) -> Iterator[ModelServer]:
    """The session's server of this checkpoint, started by whoever asks first; `folder` is the session's, common to its processes."""
    home = folder / name
    home.mkdir(parents=True, exist_ok=True)
    with (home / "users").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)  # waits while a keeper, having found nobody left, ends its server
        with (home / "starting").open("w") as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            server = _running(home) or _start(home, name, checkpoint)
        yield server


def server_told(home: Path) -> Path:
    """The file that tells of a server which is ready."""
    return home / "server.json"


def _running(home: Path) -> ModelServer | None:
    try:
        return ModelServer(**json.loads(server_told(home).read_text()))
    except FileNotFoundError:
        return None


def _start(home: Path, name: str, checkpoint: Path) -> ModelServer:
    command = [sys.executable, "-m", "inference.keeper", str(home), name, str(checkpoint)]
    with (home / "keeper.log").open("w") as log:
        keeper = _detached(command, log)
        _keepers.append(keeper)
    while (server := _running(home)) is None:
        assert keeper.poll() is None, f"the server of {name} ended while it started:\n{(home / 'keeper.log').read_text()}"
        time.sleep(0.2)
    return server


def _detached(command: list[str], log: IO[str]) -> "subprocess.Popen[bytes]":
    """In a session of its own, so that Ctrl-C in the terminal reaches the tests first."""
    return subprocess.Popen(command, cwd=ROOT / "tests", stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
