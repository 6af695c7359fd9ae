"""The published annotations of EgoTempo: one JSON file with a list of questions about clips of Ego4D."""

import re
from collections.abc import Mapping
from typing import Any, cast

from egoetl.benchmarks.benchmark import BenchmarkData, Loaded, Placed
from egoetl.benchmarks.rows import Row, collect, json_of, listed_rows, needed, spelled
from egoetl.core.evaluation import Question, Reference

FILE = "egotempo_openQA.json"
HOW_TO_GET = (
    f"Take `{FILE}` from https://github.com/google-research-datasets/egotempo and cut its clips out of Ego4D's videos"
    " (https://ego4d-data.org, which asks for a signed licence; `video_540ss` is enough). `--data` is the folder with the file; clips"
    " are `<clip_id>.mp4`, each the stretch of its video that its name says."
)
TYPES = (
    "action sequence",
    "action-specific object",
    "counting actions",
    "counting objects",
    "future action prediction",
    "locating object",
    "object sequence",
    "object-specific action",
    "spatial relationship",
    "temporal event ordering",
)
CLIP_SLACK_MS = 10_000
"""A clip that was cut without encoding is longer than its name says, from one key frame on; all of it is shown."""
KNOWN: Mapping[str, str] = {spelled(each): each for each in TYPES}
_CLIP = re.compile(r"(?P<video>.+)_(?P<start>\d+(?:\.\d+)?)_(?P<end>\d+(?:\.\d+)?)")


def load(data: BenchmarkData) -> Loaded:
    """The questions of `annotations`. Raises DataError `benchmark_file_missing`, `benchmark_not_json`, `benchmark_not_a_list`."""
    name, file = needed(data, FILE, f"data/{FILE}", remedy=HOW_TO_GET)
    content = json_of(file, name)
    entries = cast("dict[str, Any]", content).get("annotations") if isinstance(content, dict) else content
    return collect(listed_rows(entries, name), _placed)


def _placed(row: Row) -> Placed:
    clip_id = row.path("clip_id").removesuffix(".mp4")
    found = _CLIP.fullmatch(clip_id)
    if found is None:
        raise row.refusal("clip_id_malformed", f"clip_id {clip_id!r} is not `<video>_<start>_<end>` with times in seconds; mend it")
    times = Row(row.where, row.number, found.groupdict())
    start_ms, end_ms = times.milliseconds("start"), times.milliseconds("end")
    if end_ms <= start_ms:
        raise row.refusal("window_inverted", f"clip_id {clip_id!r} ends at {end_ms} ms, but starts at {start_ms} ms; mend it")
    question = Question(
        question_id=row.name("question_id"),
        benchmark="egotempo",
        video_id=found["video"],
        task=row.one_of(KNOWN, "question_type"),
        start_ms=0,
        end_ms=end_ms - start_ms + CLIP_SLACK_MS,
        question=row.text("question"),
        reference=Reference(answer=row.text("answer")),
    )
    return Placed(question, f"{clip_id}.mp4")
