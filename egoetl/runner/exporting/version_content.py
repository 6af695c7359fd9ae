"""A published version, read back from the store as anybody would read it."""

import json
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from egoetl.core.content_key import sha256_of
from egoetl.core.errors import DataError
from egoetl.core.export import SourceClip
from egoetl.core.release import VersionFile, VersionManifest
from egoetl.runner.exporting.address import VersionAddress
from egoetl.runner.tools import Tools

MILLISECONDS = 1000


class VersionContent:
    """The files of a version, each checked against the manifest when it is read."""

    def __init__(self, tools: Tools, version: VersionAddress) -> None:
        self._tools, self._version = tools, version
        self.open_root = tools.source

    @cached_property
    def manifest(self) -> VersionManifest:
        """The version's manifest."""
        return VersionManifest.model_validate_json(self.manifest_bytes)

    @cached_property
    def manifest_bytes(self) -> bytes:
        """The manifest's file. Raises DataError `artifact_missing`."""
        return self._tools.store.read(f"{self._version.path}/manifest.json")

    def read(self, file: VersionFile) -> bytes:
        """A file's bytes. Raises DataError `artifact_corrupt`."""
        data = self._tools.store.read(f"{self._version.path}/{file.path}")
        if sha256_of(data) != file.sha256:
            where = self._tools.store.url(f"{self._version.path}/{file.path}")
            raise DataError(f"{where} holds other bytes than its manifest says; publish the version again.", reason="artifact_corrupt")
        return data

    @cached_property
    def pairs(self) -> list[dict[str, Any]]:
        """Every pair, as a row of the Parquet files with `split`. Raises DataError `version_without_clips` for an older version."""
        from egoetl.storage.tables import parquet_rows

        rows = [
            {**row, "split": file.path.removeprefix("data/").removesuffix(".parquet")}
            for file in self.manifest.files
            if file.path.startswith("data/")
            for row in parquet_rows(self.read(file))
        ]
        if rows and "clip_id" not in rows[0]:
            raise DataError(
                f"Version {self._version.number} of {self._version.dataset} does not name the clips of its pairs, because an earlier"
                " release of egoetl published it; publish a newer one.",
                reason="version_without_clips",
            )
        return rows

    def clips(self) -> list[tuple[SourceClip, str, str]]:
        """Each clip that the version has pairs of, with its video's name and split, by name and time."""
        named = {row["clip_id"]: (row["video_id"], row["split"]) for row in self.pairs}
        found = [(self.clip(clip_id), *names) for clip_id, names in named.items()]
        return sorted(found, key=lambda each: (each[1], each[0].start_ms, each[0].end_ms, each[0].clip_id))

    def places(self) -> dict[str, list[SourceClip]]:
        """The sha256 of each video to every place that builds read it from, the newest first."""
        found: dict[str, list[SourceClip]] = {}
        for places in self._clips.values():
            found.setdefault(places[0].video_sha256, []).extend(places)
        return found

    def clip(self, clip_id: str) -> SourceClip:
        """A clip of the version. Raises DataError `clip_forgotten`."""
        if clip_id not in self._clips:
            raise DataError(
                f"Lineage no longer knows clip {clip_id} of {self._version.name}: its video was purged or its builds were dropped;"
                " take a newer version.",
                reason="clip_forgotten",
            )
        return self._clips[clip_id][0]

    def narrated_windows(self, video_id: str, clip: SourceClip) -> Sequence[tuple[int, int]]:
        """Start and end in ms of the clip's segments that have a narration in the version."""
        return [window for window in self._narrated.get(video_id, ()) if clip.start_ms <= window[0] and window[1] <= clip.end_ms]

    @cached_property
    def _clips(self) -> dict[str, list[SourceClip]]:
        return self._tools.exports.clips({row["clip_id"] for row in self.pairs})

    @cached_property
    def _narrated(self) -> dict[str, list[tuple[int, int]]]:
        found: dict[str, list[tuple[int, int]]] = {}
        for file in self.manifest.files:
            for each in json.loads(self.read(file)) if file.path.endswith("_narrations.json") else ():
                window = (round(each["start_time"] * MILLISECONDS), round(each["end_time"] * MILLISECONDS))
                found.setdefault(each["video_id"], []).append(window)
        return found
