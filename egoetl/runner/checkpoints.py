"""Local checkpoints: what architecture a folder holds, and the digest of its files, weights included, that is its revision."""

import hashlib
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

from egoetl.core.content_key import sha256_of
from egoetl.core.errors import CallerError

_CHUNK_BYTES = 8 << 20
_TELL_EVERY_SECONDS = 10.0
_DIGITS = 40
Tell = Callable[[str], None]


def check_folder(folder: Path) -> Path:
    """The folder, absolute. Raises CallerError `checkpoint_unusable` where it holds no checkpoint."""
    folder = folder.expanduser().absolute()
    if not folder.is_dir():
        raise CallerError(
            f"There is no folder {folder}; name the folder of a checkpoint, with its config.json.", reason="checkpoint_unusable"
        )
    if not (folder / "config.json").is_file():
        raise CallerError(f"Folder {folder} holds no checkpoint: it has no config.json.", reason="checkpoint_unusable")
    return folder


def model_type(folder: Path) -> str:
    """What its config.json calls the architecture, such as `qwen2_5_omni`. Raises CallerError `checkpoint_unusable`."""
    file = check_folder(folder) / "config.json"
    try:
        return str(json.loads(file.read_text(encoding="utf-8"))["model_type"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CallerError(
            f"{file} names no model_type, so that it is no checkpoint's; see its download.", reason="checkpoint_unusable"
        ) from error


def digest_of(folder: Path, remembered: Path, tell: Tell) -> str:
    """The revision of a checkpoint: 40 hex digits over the names and bytes of its files, wherever the folder lies.

    Args:
        folder: the checkpoint.
        remembered: a file that keeps the sha256 of files by path, size, time of change and inode, so that weights are read once.
        tell: told how far the reading has come, now and then.
    """
    folder = check_folder(folder).resolve()
    known, seen = _remembered(remembered), dict[str, str]()
    files = {file.relative_to(folder).as_posix(): file for file in sorted(folder.rglob("*")) if _counts(file, folder)}
    stamps = {name: _stamp(file) for name, file in files.items()}
    unread = [name for name, stamp in stamps.items() if stamp not in known]
    progress = _Progress(folder, sum(files[name].stat().st_size for name in unread), tell)
    for name, stamp in stamps.items():
        seen[name] = known.get(stamp) or _sha256(files[name], progress)
        if stamp not in known:
            known[stamp] = seen[name]
            _remember(remembered, known)
    return sha256_of(seen)[:_DIGITS]


def _counts(file: Path, folder: Path) -> bool:
    """Folders such as .cache and .git hold no part of the model."""
    return file.is_file() and not any(part.startswith(".") for part in file.relative_to(folder).parts)


def _stamp(file: Path) -> str:
    stat = file.stat()
    return f"{file}|{stat.st_size}|{stat.st_mtime_ns}|{stat.st_ino}"


class _Progress:
    """Says how much of the weights has been read."""

    def __init__(self, folder: Path, total: int, tell: Tell) -> None:
        self._folder, self._total, self._tell = folder, total, tell
        self._read = 0
        self._told = time.monotonic()

    def __call__(self, count: int) -> None:
        self._read += count
        if time.monotonic() - self._told >= _TELL_EVERY_SECONDS:
            self._told = time.monotonic()
            self._tell(f"Reading checkpoint {self._folder} for its digest: {self._read / 1e9:.1f} of {self._total / 1e9:.1f} GB")


def _sha256(file: Path, progress: _Progress) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as content:
        while chunk := content.read(_CHUNK_BYTES):
            digest.update(chunk)
            progress(len(chunk))
    return digest.hexdigest()


def _remembered(file: Path) -> dict[str, str]:
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def _remember(file: Path, known: dict[str, str]) -> None:
    """Write the file whole, so that another process reads the old one or the new one; who cannot write reads weights again."""
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(json.dumps(known, indent=1, sort_keys=True), encoding="utf-8")
        draft.replace(file)
    except OSError:
        draft.unlink(missing_ok=True)
