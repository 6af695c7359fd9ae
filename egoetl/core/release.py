"""What a dataset version is made of."""

from typing import Any

from egoetl.core.records import QAPair, Record, Sha256, Window


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


class NarratedWindow(Window):
    """The audio-visual narration of a segment, with the name that the manifest gives its video."""

    video_id: str
    narration: str


class DropCount(Record):
    """How many clips, segments or pairs a stage's filter said no to, and why."""

    stage: str
    reason: str
    units: int


class Release(Record):
    """Everything that the files of a version are made from.

    `recipe` names EgoAVU's files; `left_out` are (reason, number) of the accepted pairs that the rules over the whole
    version left out; `source_licences` is what the recipe's setting says of the source videos.
    """

    dataset: str
    recipe: str
    pairs: tuple[AcceptedPair, ...]
    narrations: tuple[NarratedWindow, ...] = ()
    provenance: tuple[Provenance, ...] = ()
    drops: tuple[DropCount, ...] = ()
    left_out: tuple[tuple[str, int], ...] = ()
    source_licences: str = ""
    test_percent: int = 10


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
