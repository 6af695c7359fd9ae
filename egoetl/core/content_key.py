"""Content keys: what a result depends on, and nothing else. No clock, path, build, host or order of arrival enters."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel

from egoetl.core.records import Record

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def canonical_json(value: Any) -> str:
    """JSON with sorted keys and no spaces: equal values give equal text. Rejects NaN and infinities."""
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")
    return _ENCODER.encode(value)


def sha256_of(value: Any) -> str:
    """The sha256, in hex, of a value's canonical JSON; of a string's UTF-8 or of bytes as they are."""
    if isinstance(value, bytes):
        data = value
    elif isinstance(value, str):
        data = value.encode()
    else:
        data = canonical_json(value).encode()
    return hashlib.sha256(data).hexdigest()


class StageConfig(Record):
    """Everything but its inputs that a stage's result depends on. `sha256_of(config)` names it in lineage."""

    stage: str
    version: int
    params: dict[str, Any]
    prompts: dict[str, str]
    """Prompt name to the sha256 of its template."""
    schemas: dict[str, str]
    """Reply schema name to the sha256 of its JSON schema."""
    models: dict[str, str]
    """Role to `model id@revision`."""
    sampling: dict[str, Any]
    seed: int
    decoder: str | None
    """The media library's build, for a stage that reads pixels or samples from a source."""


def content_key(config_sha: str, inputs: Iterable[str], candidate: int = 0) -> str:
    """The key of one result, in hex.

    Args:
        config_sha: `sha256_of` the stage's `StageConfig`.
        inputs: `key` or `key#unit` of each input; for a gather the whole set. Order does not matter.
        candidate: which of several samples for the same input.
    """
    return sha256_of({"config": config_sha, "inputs": sorted(inputs), "candidate": candidate})
