"""The columns that a build's manifest has, for the list of what was written: the manifest's own where it can still be read."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from egoetl.algorithms.timecodes import seconds
from egoetl.core.errors import EgoetlError
from egoetl.core.export import BuildRow
from egoetl.runner.manifest_lines import Fields, read_lines

COLUMNS = ("id", "start_time", "end_time", "split")


class InputColumns(NamedTuple):
    """The names of the columns in their order, and each row's fields by its line."""

    names: Sequence[str]
    fields: Mapping[int, Fields]


def input_columns(manifest: Path | None, rows: Sequence[BuildRow]) -> InputColumns:
    """The fields of the manifest as they stand in it; EgoAVU's four as lineage has them if the file is gone or has changed."""
    known = {row.row: _known(row) for row in rows}
    if manifest is None:
        return InputColumns(COLUMNS, known)
    try:
        lines = {
            line: fields for line, fields in read_lines(manifest, required=COLUMNS[:3], optional=COLUMNS[3:]) if isinstance(fields, dict)
        }
    except EgoetlError:
        return InputColumns(COLUMNS, known)
    if any(row.clip and lines.get(row.row, {}).get("id", "").strip() != row.video_id for row in rows):
        return InputColumns(COLUMNS, known)
    names = list(dict.fromkeys(name for fields in lines.values() for name in fields))
    return InputColumns(names or COLUMNS, {**known, **{line: fields for line, fields in lines.items() if line in known}})


def _known(row: BuildRow) -> Fields:
    times = ("" if time is None else seconds(time) for time in (row.start_ms, row.end_ms))
    return dict(zip(COLUMNS, (row.video_id, *times, row.split or ""), strict=True))
