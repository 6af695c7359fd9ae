"""Folders of masks in memory: `Masks` of benchmarks without a file."""

from collections.abc import Mapping, Sequence

from egoetl.core.errors import DataError
from egoetl.metrics.regions import Mask


class MemoryMasks:
    """Folders of frames; a frame that is None cannot be read."""

    def __init__(self, **folders: Mapping[str, Mask | None]) -> None:
        self._folders = folders

    def frames(self, folder: str) -> Sequence[str] | None:
        """The names of a folder's frames, in order; None if there is no such folder."""
        return sorted(self._folders[folder]) if folder in self._folders else None

    def mask(self, folder: str, frame: str) -> Mask:
        """The mask of a frame. Raises DataError `mask_unreadable`."""
        mask = self._folders[folder][frame]
        if mask is None:
            raise DataError(f"The mask {folder}/{frame} is damaged; write it again.", reason="mask_unreadable")
        return mask
