"""EGOETL_HOME: a folder that only its owner reads, with generated secrets and remembered values."""

import fcntl
import os
import secrets
import socket
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from egoetl.core.errors import ConfigError


@dataclass(frozen=True)
class Home:
    """The folder below which one installation keeps everything."""

    root: Path

    @classmethod
    def at(cls, folder: Path) -> "Home":
        """The home at `folder`, made if missing. Raises ConfigError where it cannot be written."""
        root = folder.absolute()
        try:
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
            root = root.resolve()
            (root / "logs").mkdir(exist_ok=True)
        except OSError as error:
            raise ConfigError(
                f"EGOETL_HOME {root} cannot be used ({error.strerror}); set it to a folder that you can write.", reason="home_unusable"
            ) from error
        owner = root.stat().st_uid
        if owner != os.geteuid():
            raise ConfigError(
                f"EGOETL_HOME {root} belongs to user id {owner}; run as that user, or set it to a folder of your own.",
                reason="home_foreign",
            )
        return cls(root)

    def log(self, name: str) -> Path:
        """Where the service of that name logs."""
        return self.root / "logs" / f"{name}.log"

    def recall(self, name: str) -> str | None:
        """What `remember` kept under a name."""
        try:
            return (self.root / name).read_text().strip() or None
        except FileNotFoundError:
            return None

    def remember(self, name: str, value: str) -> None:
        """Keep a short text under a name, whole, in a file that only its owner reads."""
        file = self.root / name
        file.parent.mkdir(mode=0o700, exist_ok=True)
        partial = file.with_name(f".{file.name}.{os.getpid()}")
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            out.write(value + "\n")
        partial.replace(file)

    def secret(self, name: str) -> str:
        """The secret of that name: 32 random bytes in URL-safe base64 without padding, generated once."""
        value = self.recall(name)
        if value is None:
            value = secrets.token_urlsafe(32)
            self.remember(name, value)
        return value

    def port(self, name: str, *, first: int | None = None) -> int:
        """A loopback port that is free now: the remembered one, else `first`, else any; it is remembered."""
        remembered = self.recall(name)
        candidates = ([int(remembered)] if remembered else []) + ([first] if first else []) + [0]
        port = next(found for candidate in candidates if (found := _bindable(candidate)))
        self.remember(name, str(port))
        return port

    @contextmanager
    def locked(self, name: str) -> Generator[None]:
        """Only one process at a time in here; the lock ends with its process."""
        with (self.root / f".{name}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def is_locked(self, name: str) -> bool:
        """Whether a process is inside `locked(name)` now."""
        with (self.root / f".{name}.lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            return False


def _bindable(port: int) -> int | None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return None
        found: int = probe.getsockname()[1]
        return found
