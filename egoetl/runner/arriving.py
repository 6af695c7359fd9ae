"""Look at one file of a source: is it a video, which one, and which clips does it bring?"""

import unicodedata
from pathlib import PurePosixPath

from egoetl.algorithms.windows import consecutive_windows
from egoetl.core.arrivals import STILL_WRITTEN, FoundVideo, NotVideo
from egoetl.core.errors import ConfigError, DataError, TryAgainError, describe
from egoetl.core.ids import split_by_hash
from egoetl.core.recipe import Recipe
from egoetl.core.source_paths import path_within, shown
from egoetl.core.sources import SourceDigest, SourceFile, SourceRoot, Tell
from egoetl.runner.sources import SUFFIXES
from egoetl.runner.tools import Tools

LONGEST_NAME = 190
"""A name of a video has at most 200 characters, and ten are kept for other bytes under the same name."""
MILLISECONDS = 1000


class Looking:
    """What looking at a file takes."""

    def __init__(self, tools: Tools, root: SourceRoot, recipe: Recipe, tell: Tell) -> None:
        self._tools, self._root, self._recipe, self._tell = tools, root, recipe, tell

    def refusal(self, file: SourceFile) -> NotVideo | None:
        """Why a file need not be read, by its name and its age."""
        try:
            _check_name(file.path)
        except DataError as error:
            return NotVideo(file=file, reason=error.reason, message=str(error))
        settle = self._tools.settings.arrivals_settle_seconds
        if not self._root.remote and file.age_seconds < settle:
            message = f"It was written to {file.age_seconds:.0f} s ago, and may grow until it has rested for {settle:g} s."
            return NotVideo(file=file, reason=STILL_WRITTEN, message=message)
        return None

    def look(self, file: SourceFile) -> FoundVideo | NotVideo:
        """Read a file, if nobody has read it as it is, and probe it. Whatever is wrong with it stays its own trouble."""
        sha256: str | None = None
        try:
            sha256 = self._sha256(file)
            with self._root.ranged(file) as media:
                duration_ms = self._tools.media.probe(media, sha256=sha256).duration_ms
        except (TryAgainError, ConfigError):
            raise
        except Exception as error:  # noqa: BLE001 - the boundary of one file: whatever it raises is recorded, and the others go on
            _, reason, message = describe(error)
            # Replaced or grown while it was read: the next look reads what it is then.
            reason = STILL_WRITTEN if reason == "video_changed" else reason
            return NotVideo(file=file, reason=reason, message=message[:2000], sha256=sha256)
        name = _name(file.path)
        return FoundVideo(
            file=file,
            sha256=sha256,
            video_id=name,
            split=split_by_hash(name, self._recipe.test_percent),
            duration_ms=duration_ms,
            clips=consecutive_windows(0, duration_ms, int(self._tools.settings.arrivals_clip_seconds * MILLISECONDS)),
        )

    def _sha256(self, file: SourceFile) -> str:
        known = self._tools.ledger.source_digest(file.address)
        if known is not None and known.is_of(file):
            self._tell(file.size_bytes)
            return known.sha256
        sha256 = self._root.digest(file, self._tell)
        digest = SourceDigest(address=file.address, stamp=file.stamp, size_bytes=file.size_bytes, sha256=sha256)
        self._tools.ledger.keep_source_digest(digest)
        return sha256


def _check_name(path: str) -> None:
    """Raises DataError `suffix_unknown`, `name_unusable` or `path_escapes_root`."""
    if PurePosixPath(path).suffix.lower() not in SUFFIXES:
        raise DataError(f"{shown(path)} is not named like a video ({', '.join(SUFFIXES)}).", reason="suffix_unknown")
    path_within(path)
    name = _name(path)
    if len(name) > LONGEST_NAME or any(letter == "\ufffd" or unicodedata.category(letter) == "Cc" for letter in name):
        raise DataError(f"{shown(path)} cannot name a video; rename it to at most {LONGEST_NAME} letters of UTF-8.", reason="name_unusable")


def _name(path: str) -> str:
    """The name of a video: its path without the suffix."""
    return str(PurePosixPath(path).with_suffix("")).strip()
