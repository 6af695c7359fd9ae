"""Whether a folder holds a checkpoint that can be loaded, told in milliseconds instead of after a server's start."""

import json
import struct
from pathlib import Path
from typing import Any

from egoetl.core.errors import ConfigError

_LENGTH = struct.Struct("<Q")
WEIGHTS = ("*.safetensors", "*.bin", "*.pt", "*.gguf")
INDEX = "model.safetensors.index.json"


def check_checkpoint(folder: Path) -> None:
    """Look for the configuration and weights, whole. Raises ConfigError `checkpoint_missing` or `checkpoint_broken`."""
    if not folder.is_dir():
        raise ConfigError(f"There is no checkpoint folder {folder}; correct the path of the model.", reason="checkpoint_missing")
    _object(folder / "config.json")
    if not any(file for pattern in WEIGHTS for file in folder.glob(pattern)):
        raise _broken(folder, "it holds no weights")
    if (index := folder / INDEX).exists():
        named = set(map(str, _object(index).get("weight_map", {}).values()))
        if lacking := sorted(name for name in named if not (folder / name).is_file()):
            raise _broken(folder, f"{INDEX} names {lacking[0]}, which is not there")
    for file in sorted(folder.glob("*.safetensors")):
        _check_length(file)


def _check_length(file: Path) -> None:
    """A safetensors file says in its first bytes how long it is: 8 bytes length of the header, the header in JSON, the numbers."""
    with file.open("rb") as opened:
        first = opened.read(_LENGTH.size)
        length: int = _LENGTH.unpack(first)[0] if len(first) == _LENGTH.size else 0
        held = file.stat().st_size
        try:
            header: dict[str, dict[str, Any]] = json.loads(opened.read(length)) if 0 < length <= held else {}
            end = max(each["data_offsets"][1] for name, each in header.items() if name != "__metadata__")
        except (ValueError, KeyError, TypeError):
            raise _broken(file.parent, f"{file.name} has no readable header") from None
    if held < (said := _LENGTH.size + length + int(end)):
        raise _broken(file.parent, f"{file.name} has {held} bytes of {said}, it was cut off")


def _object(file: Path) -> dict[str, Any]:
    try:
        said = json.loads(file.read_bytes())
    except FileNotFoundError:
        raise _broken(file.parent, f"it holds no {file.name}") from None
    except ValueError:
        raise _broken(file.parent, f"{file.name} is no JSON") from None
    if not isinstance(said, dict):
        raise _broken(file.parent, f"{file.name} holds no JSON object")
    return said  # pyright: ignore[reportUnknownVariableType] - its values are looked at where they are used


def _broken(folder: Path, why: str) -> ConfigError:
    return ConfigError(f"Checkpoint {folder} cannot be loaded: {why}; copy it again.", reason="checkpoint_broken")
