"""The stages of a build as EgoAVU's files: one JSON record a clip, each file with the keys of the one before and its own."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from egoetl.core.export import BuildRow
from egoetl.core.records import Captions, ContextGraph, Narration, QAPair, Record, Segment
from egoetl.runner.exporting.address import find_build
from egoetl.runner.exporting.exported import Exported, ExportedFile
from egoetl.runner.exporting.folder import output_folder
from egoetl.runner.exporting.names import window_stem
from egoetl.runner.exporting.stage_results import StageResults
from egoetl.runner.tools import Tools

MILLISECONDS = 1000
CAPTIONS, GRAPHS, NARRATIONS = "captions/merged_captions.jsonl", "mcg/mcg_output.jsonl", "av_narration/av_narration_output.jsonl"
Chunk = dict[str, Any]


def export_stages(tools: Tools, address: str, out: Path) -> Exported:
    """Write captions, context graphs, narrations and the pairs of each QA task of a build.

    Raises:
        CallerError: the address is unknown or a version, the recipe lacks a stage, or the folder cannot be used.
        TryAgainError: `out_busy`.
    """
    build = find_build(tools, address)
    results = StageResults(tools, build)
    rows = [row for row in tools.exports.rows(build.seq) if row.clip is not None]
    files: dict[str, Callable[[BuildRow], Mapping[str, Any]]] = {
        CAPTIONS: lambda row: _record(row, results, (Captions,)),
        GRAPHS: lambda row: _record(row, results, (Captions, ContextGraph)),
        NARRATIONS: lambda row: _record(row, results, (Captions, ContextGraph, Narration)),
        **{f"qa/qa_{task}.jsonl": _with_pairs(task, results) for task in results.tasks},
    }
    with output_folder(out) as folder:
        for name, record_of in files.items():
            folder.write_json_lines(name, map(record_of, rows))
    return Exported(files=tuple(ExportedFile(path=name, records=len(rows)) for name in files))


def _record(row: BuildRow, results: StageResults, makers: Iterable[type[Record]]) -> dict[str, Any]:
    assert row.clip is not None
    assert row.start_ms is not None
    assert row.end_ms is not None
    stem = window_stem(row.video_id, row.start_ms, row.end_ms)
    segments = results.segments(row.clip.clip_id) or ()
    chunks = (_chunk(segment, results, makers) for segment in segments)
    return {"id": stem, "path": f"{row.split}/{stem}.mp4", "information": [chunk for chunk in chunks if chunk is not None]}


def _with_pairs(task: str, results: StageResults) -> Callable[[BuildRow], dict[str, Any]]:
    def record(row: BuildRow) -> dict[str, Any]:
        assert row.clip is not None
        pairs = [_pair(each) for each in results.pairs(row.clip.clip_id) if each.task == task]
        return {**_record(row, results, (Captions, ContextGraph, Narration)), f"qa_{task}": pairs}

    return record


def _chunk(segment: Segment, results: StageResults, makers: Iterable[type[Record]]) -> Chunk | None:
    """What these stages made of a segment; None where one of them made nothing."""
    chunk: Chunk = {"chunk_id": segment.index, "start_time": segment.start_ms / MILLISECONDS, "end_time": segment.end_ms / MILLISECONDS}
    for maker in makers:
        made = results.made(maker, segment.segment_id)
        if made is None:
            return None
        chunk.update(_keys(made))
    return chunk


def _keys(made: Record) -> Iterator[tuple[str, Any]]:
    """EgoAVU's keys for what a stage made; a context graph is an object, with times in seconds."""
    match made:
        case Captions():
            yield from ((name, getattr(made, name)) for name in ("video_description", "sound_description", "object_description"))
        case ContextGraph():
            yield (
                "mcg",
                {
                    "interacted_objects": [_timed(each) for each in made.interacted_objects],
                    "non_interacted_objects": list(made.non_interacted_objects),
                    "sounds": [_timed(each) for each in made.sounds],
                },
            )
        case Narration():
            yield "av_caption", made.av_narration
        case _:
            raise AssertionError(type(made))


def _timed(record: Record) -> dict[str, Any]:
    """A record with its window in seconds of the source."""
    values = record.model_dump(mode="json")
    start_ms, end_ms = values.pop("start_ms"), values.pop("end_ms")
    return {**values, "start_time": start_ms / MILLISECONDS, "end_time": end_ms / MILLISECONDS}


def _pair(pair: QAPair) -> dict[str, Any]:
    return {
        "qa_id": pair.qa_id,
        "question": pair.question,
        "answer": pair.answer,
        "type": pair.variant,
        "options": list(pair.options),
        "start_time": pair.start_ms / MILLISECONDS,
        "end_time": pair.end_ms / MILLISECONDS,
    }
