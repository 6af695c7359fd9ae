"""From a manifest uri to a file of the source, never outside its root."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

from egoetl.core.errors import DataError
from egoetl.core.items import Item, RowItem
from egoetl.core.records import Clip, Video
from egoetl.core.source_paths import path_within
from egoetl.core.sources import MediaFile, SourceDigest, SourceFile, SourceRoot

SUFFIXES = (".mp4", ".mov", ".mkv", ".webm", ".avi", ".m4v")
WORTH_RANGES = 0.75
"""By range only up to this share of a video: sound is decoded from its start, so a later window has nearly all of it read anyway."""


class Digests(Protocol):
    """What is known of bytes that were read before; the ledger remembers it."""

    def source_digest(self, address: str) -> SourceDigest | None:
        """What was last read at an address."""
        ...

    def keep_source_digest(self, digest: SourceDigest) -> None:
        """Remember what was read."""
        ...


class SourceVideos:
    """The videos of a build: `id` alone means `id.mp4` (or another known suffix) below the root.

    Files that it gives out stay where they are until the `held` that came with the question is closed.
    """

    def __init__(
        self,
        root: SourceRoot,
        uris: Mapping[str, str],
        narrations: Mapping[str, str] | None = None,
        *,
        digests: Digests | None = None,
        until_ms: Mapping[str, int] | None = None,
    ) -> None:
        """`uris` gives the address of each registered video by its sha256, `narrations` that of what people wrote by clip id.

        `until_ms` says by sha256 up to which time the clips at hand need a video; without it, all of it.
        """
        self._root, self._uris, self._narrations = root, uris, narrations or {}
        self._digests, self._until_ms = digests, until_ms or {}
        self._found: dict[str, SourceFile] = {}

    def find(self, uri: str) -> SourceFile:
        """The file of a uri. Raises DataError `video_missing`, `video_unreadable` or `path_escapes_root`."""
        if (known := self._found.get(uri)) is not None and self._root.remote:
            return known
        path = path_within(uri)
        for name in (path.name, *(path.name + suffix for suffix in SUFFIXES)):
            if (found := self._root.look(str(path.with_name(name)))) is not None:
                self._found[uri] = found
                return found
        raise DataError(
            f"No file {self._root.address}/{path} (nor with {', '.join(SUFFIXES)}); put it there or mend the manifest.",
            reason="video_missing",
        )

    def sha256(self, uri: str) -> str:
        """The sha256 of a file's bytes: of those on S3 as they were read before, if the object has not changed since."""
        file = self.find(uri)
        with ExitStack() as held:
            return self._known(file) or self._read(file, held)[1]

    def open(self, uri: str, held: ExitStack) -> MediaFile:
        """The file, by range where its bytes are known."""
        file = self.find(uri)
        return held.enter_context(self._root.ranged(file)) if self._known(file) else self._read(file, held)[0]

    def of(self, video: Video, held: ExitStack) -> MediaFile:
        """The file with a registered video's bytes. Raises DataError `video_changed` if it now holds others."""
        file = self.find(self._uris[video.sha256])
        share = self._until_ms.get(video.sha256, video.duration_ms) / video.duration_ms
        if share <= WORTH_RANGES and self._known(file) == video.sha256:
            return held.enter_context(self._root.ranged(file))
        local, sha256 = self._read(file, held)
        if sha256 != video.sha256:
            raise DataError(
                f"{file.address} holds other bytes than when it was registered; build it again as a new video.", reason="video_changed"
            )
        return local

    def narrations_of(self, clip: Clip, held: ExitStack) -> Path | None:
        """The file of a clip's human narrations. Raises DataError `narrations_missing` or `path_escapes_root`."""
        uri = self._narrations.get(clip.clip_id)
        if uri is None:
            return None
        file = self._root.look(str(path_within(uri)))
        if file is None:
            raise DataError(
                f"No narrations file {self._root.address}/{path_within(uri)}; put it there or mend the manifest.",
                reason="narrations_missing",
            )
        return held.enter_context(self._root.whole(file)).file

    def _known(self, file: SourceFile) -> str | None:
        """The sha256 of a file's bytes if they were read before and the source's stamp is to be believed."""
        if self._digests is None or not self._root.remote:
            return None
        known = self._digests.source_digest(file.address)
        return known.sha256 if known is not None and known.is_of(file) else None

    def _read(self, file: SourceFile, held: ExitStack) -> tuple[Path, str]:
        """All bytes of a file, here, and their sha256, which is remembered."""
        whole = held.enter_context(self._root.whole(file))
        if self._digests is not None and self._root.remote and self._known(file) != whole.sha256:
            self._digests.keep_source_digest(
                SourceDigest(address=file.address, stamp=file.stamp, size_bytes=file.size_bytes, sha256=whole.sha256)
            )
        return whole


def refuse_withdrawn(item: Item, fingerprint: str, withdrawn: frozenset[str]) -> None:
    """Raises DataError `video_withdrawn` for a row whose fingerprint begins with the sha256 of a withdrawn video."""
    if isinstance(item, RowItem) and fingerprint.partition(":")[0] in withdrawn:
        raise DataError(
            f"{item.row.uri[:200]!r} is a video that was withdrawn; take its rows out of the manifest.", reason="video_withdrawn"
        )
