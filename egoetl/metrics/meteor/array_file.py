"""Named arrays in one file that is mapped into memory: written whole or not at all."""

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]
_ALIGNMENT = 64
_LENGTH_BYTES = 8


class ArrayFile:
    """A file of arrays with one dimension: the length of a JSON header, the header (name, type and place of each), the arrays."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> Arrays | None:
        """The arrays, mapped and not to be written to; None where the file is not there or is not whole."""
        try:
            held = np.memmap(self.path, np.uint8, mode="r")
            length = int.from_bytes(held[:_LENGTH_BYTES].tobytes(), "little")
            header = json.loads(held[_LENGTH_BYTES : _LENGTH_BYTES + length].tobytes())
        except (OSError, ValueError):
            return None
        if header["bytes"] != len(held):
            return None
        whole = np.asarray(held)
        return {name: whole[start : start + size].view(kind) for name, (kind, start, size) in header["arrays"].items()}

    def write(self, arrays: Mapping[str, NDArray[Any]]) -> Arrays:
        """Keep the arrays, and give them back as `read` would; unkept where the folder cannot be written, but still read-only."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._write(arrays)
        except OSError:
            for held in arrays.values():
                held.flags.writeable = False
            return dict(arrays)
        kept = self.read()
        assert kept is not None, self.path
        return kept

    def _write(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        places: dict[str, tuple[str, int, int]] = {}
        end = _ALIGNMENT * 32
        for name, held in arrays.items():
            places[name] = (held.dtype.str, end, held.nbytes)
            end += -(-held.nbytes // _ALIGNMENT) * _ALIGNMENT
        header = json.dumps({"bytes": end, "arrays": places}).encode()
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=self.path.name)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.truncate(end)
                stream.write(len(header).to_bytes(_LENGTH_BYTES, "little") + header)
                for held, (_, start, _) in zip(arrays.values(), places.values(), strict=True):
                    stream.seek(start)
                    stream.write(held.tobytes())
            Path(name).replace(self.path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
