"""materialize: the clips or segments of a build or a version as files, and EgoAVU's list of them."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from egoetl.algorithms.timecodes import seconds
from egoetl.core.errors import EgoetlError
from egoetl.core.export import BuildRow, SourceClip
from egoetl.core.ledger import Build
from egoetl.core.records import Record
from egoetl.runner.exporting.address import VersionAddress, find_target
from egoetl.runner.exporting.folder import output_folder
from egoetl.runner.exporting.input_columns import COLUMNS, InputColumns, input_columns
from egoetl.runner.exporting.media_files import MediaFiles, Tell, Wanted, write_media
from egoetl.runner.exporting.names import window_stem
from egoetl.runner.exporting.stage_results import StageResults
from egoetl.runner.exporting.version_content import VersionContent
from egoetl.runner.manifest_lines import Fields
from egoetl.runner.tools import Tools

OUTPUT_PATH = "output_path"
Of = Literal["clips", "segments"]


class NotWritten(Record):
    """A line of the list without a file, and why."""

    id: str
    start_time: str
    end_time: str
    reason: str
    message: str


class Materialised(Record):
    """What `materialise` did. `not_built` are manifest rows of which the build has no clip, `failed` windows that could not be cut."""

    list: str
    written: int
    kept: int
    not_built: tuple[NotWritten, ...]
    failed: tuple[NotWritten, ...]


@dataclass(frozen=True)
class _Line:
    """A line of the list: its fields, and the file it stands for or why there is none. `named` is its id and window for a person."""

    fields: Fields
    named: tuple[str, str, str]
    wanted: Wanted | None = None
    reason: str = ""
    message: str = ""


def materialise(tools: Tools, address: str, out: Path, of: Of, tell: Tell) -> Materialised:
    """Write `<split>/<id>_<start>_<end>.mp4` and `.wav` for every clip or segment, and `<stem>_output.csv`.

    Args:
        tools: the adapters.
        address: a build's name, or DATASET@NUMBER.
        out: the folder to write; files of an earlier run that hold the same are kept.
        of: whole clips, or their segments.
        tell: is told the progress.

    Raises:
        CallerError: the address is unknown, or the folder cannot be used.
        ConfigError: `ffmpeg_missing`.
        TryAgainError: `out_busy`.
    """
    target = find_target(tools, address)
    if isinstance(target, VersionAddress):
        content = VersionContent(tools, target)
        stem, names, places = target.name, COLUMNS, content.places()
        lines = _distinct(_version_lines(content, of))
    else:
        rows = tools.exports.rows(target.seq)
        columns = _columns(tools, target.spec.manifest, rows)
        stem, names = Path(target.spec.manifest).stem, columns.names
        places = {each.clip.video_sha256: [each.clip] for each in rows if each.clip}
        lines = _distinct(_build_lines(tools, target, rows, columns, of))
    with output_folder(out) as folder:
        made = write_media(folder, (each.wanted for each in lines if each.wanted), places, tools.source, tell)
        name = f"{stem}_output.csv"
        folder.write(name, _list(names, lines, made, folder.root))
    return _outcome(str(folder.path(name)), lines, made)


def _columns(tools: Tools, manifest: str, rows: Sequence[BuildRow]) -> InputColumns:
    try:
        with tools.manifest(manifest) as file:
            return input_columns(file, rows)
    except EgoetlError:  # the list of what was written needs no manifest
        return input_columns(None, rows)


def _build_lines(tools: Tools, build: Build, rows: Iterable[BuildRow], columns: InputColumns, of: Of) -> Iterable[_Line]:
    results = StageResults(tools, build) if of == "segments" else None
    for row in rows:
        fields = columns.fields[row.row]
        named = (row.video_id, _text(row.start_ms), _text(row.end_ms))
        if row.clip is None or row.split is None or row.start_ms is None or row.end_ms is None:
            reason = row.reason or "not_registered"
            message = row.message or f"Line {row.row} has not been registered yet; run the build's stage register."
            yield _Line(fields, named, None, reason, message)
        elif results is None:
            # The file is named after the row; the clip may end sooner, with its video.
            window = (row.clip.start_ms, row.clip.end_ms)
            yield _Line(fields, named, _wanted(row.video_id, row.split, (row.start_ms, row.end_ms), row.clip, window))
        elif (segments := results.segments(row.clip.clip_id)) is not None:
            for each in segments:
                yield _window_line(fields, row.video_id, row.split, row.clip, (each.start_ms, each.end_ms))
        else:
            message = f"Clip {row.clip.clip_id} has not been split; run the build's stage split."
            yield _Line(fields, named, None, "not_split", message)


def _version_lines(content: VersionContent, of: Of) -> Iterable[_Line]:
    for clip, video_id, split in content.clips():
        windows = [(clip.start_ms, clip.end_ms)] if of == "clips" else content.narrated_windows(video_id, clip)
        for window in windows:
            yield _window_line({"id": video_id, "split": split}, video_id, split, clip, window)


def _window_line(fields: Fields, video_id: str, split: str, clip: SourceClip, window: tuple[int, int]) -> _Line:
    """A line for a window of its own."""
    start, end = (seconds(time) for time in window)
    wanted = _wanted(video_id, split, window, clip, window)
    return _Line({**fields, "start_time": start, "end_time": end}, (video_id, start, end), wanted)


def _wanted(video_id: str, split: str, named: tuple[int, int], clip: SourceClip, window: tuple[int, int]) -> Wanted:
    return Wanted(f"{split}/{window_stem(video_id, *named)}", clip.video_sha256, *window)


def _distinct(lines: Iterable[_Line]) -> list[_Line]:
    """The lines, in which windows of different videos under one id have files of their own: `~` and the video's sha256 tell them."""
    lines = list(lines)
    videos: dict[str, set[str]] = {}
    for each in (line.wanted for line in lines if line.wanted):
        videos.setdefault(each.stem, set()).add(each.video_sha256)
    return [
        replace(line, wanted=line.wanted._replace(stem=f"{line.wanted.stem}~{line.wanted.video_sha256[:16]}"))
        if line.wanted and len(videos[line.wanted.stem]) > 1
        else line
        for line in lines
    ]


def _text(milliseconds: int | None) -> str:
    return "" if milliseconds is None else seconds(milliseconds)


def _list(names: Sequence[str], lines: Iterable[_Line], made: MediaFiles, root: Path) -> bytes:
    """The input's columns and `output_path`, absolute; it is empty for a line without a file."""
    out = io.StringIO(newline="")
    kept = [name for name in names if name != OUTPUT_PATH]
    writer = csv.DictWriter(out, [*kept, OUTPUT_PATH], lineterminator="\n", extrasaction="ignore", restval="")
    writer.writeheader()
    for line in lines:
        file = made.written.get(line.wanted.stem) if line.wanted else None
        writer.writerow({**line.fields, OUTPUT_PATH: str(root / file.mp4) if file else ""})
    # What was not UTF-8 in the manifest is the same bytes here.
    return out.getvalue().encode(errors="surrogateescape")


def _outcome(list_path: str, lines: Iterable[_Line], made: MediaFiles) -> Materialised:
    not_built: list[NotWritten] = []
    failed: list[NotWritten] = []
    for line in lines:
        names = dict(zip(("id", "start_time", "end_time"), line.named, strict=True))
        if line.wanted is None:
            not_built.append(NotWritten(**names, reason=line.reason, message=line.message))
        elif (error := made.failed.get(line.wanted.stem)) is not None:
            failed.append(NotWritten(**names, reason=error.reason, message=str(error)))
    return Materialised(
        list=list_path, written=len(made.written) - made.kept, kept=made.kept, not_built=tuple(not_built), failed=tuple(failed)
    )
