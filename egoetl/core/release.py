"""What a dataset version is made of."""

from typing import Any

from egoetl.core.records import QAPair, Record, Sha256


class AcceptedPair(Record):
    """A verified pair with the names that its manifest row gives it."""

    pair: QAPair
    video_id: str
    video_sha256: Sha256
    clip_id: str
    split: str


class Provenance(Record):
    """One way in which results of a version were made. `prompts` maps prompt name to sha256."""

    stage: str
    version: int
    models: dict[str, str]
    params: dict[str, Any]
    prompts: dict[str, str]
    results: int


class VersionFile(Record):
    """A file of a version, by its bytes."""

    path: str
    sha256: Sha256
    size_bytes: int
    rows: int | None = None


class VersionManifest(Record):
    """Everything that a version holds. Equal accepted sets give equal manifests: no clock, build or address is in it."""

    format: int = 1
    dataset: str
    files: tuple[VersionFile, ...]
    pairs: dict[str, dict[str, int]]
    """Split to task to number of pairs."""
