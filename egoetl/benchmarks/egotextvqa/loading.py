"""The published annotations of EgoTextVQA: JSON lines, CSV or JSON, one file for each subset."""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, cast

from egoetl.benchmarks.benchmark import BenchmarkData, Loaded, Placed
from egoetl.benchmarks.egotextvqa.cutoff import window_before
from egoetl.benchmarks.rows import Row, collect, csv_rows, json_of, jsonl_rows, listed_rows, needed, spelled
from egoetl.core.errors import DataError
from egoetl.core.evaluation import Question, Reference
from egoetl.core.ledger import RefusedRow

SUBSETS: Mapping[str, tuple[str, ...]] = {
    "indoor": ("hands-on", "shopping", "kitchen", "book-related", "gameplay", "others"),
    "outdoor": ("location", "description", "direction", "intention reasoning", "others"),
}
"""Question types by subset."""
TIMESTAMP = ("timestamp", "timestamp (s)")
_LONGEST_ID = 200
HOW_TO_GET = (
    "Take the annotations from https://github.com/zhousheng97/EgoTextVQA (`data/`) and the videos from"
    " https://huggingface.co/datasets/ShengZhou97/EgoTextVQA. `--data` is the folder with `egotextvqa_<subset>_annotation.jsonl` or"
    " `.csv`, or `egotextvqa_<subset>/total.json`, itself or in its folder `data`; videos are `EgoTextVQA-Indoor/<video_id>.mp4` and"
    " `EgoTextVQA-Outdoor/<video_id>.mp4`."
)


def load(data: BenchmarkData) -> Loaded:
    """The questions of both subsets, or of the one that there is; the other is then told of as refused.

    Raises DataError `benchmark_file_missing` where neither is there, and what the readers of rows say of a file.
    """
    parts: list[Loaded] = []
    missing: list[DataError] = []
    for subset in SUBSETS:
        try:
            parts.append(_subset(data, subset))
        except DataError as error:
            if error.reason != "benchmark_file_missing":
                raise
            missing.append(error)
    if not parts:
        raise missing[0]
    refused = [RefusedRow(row=0, video_id="", reason="subset_missing", message=str(error)) for error in missing]
    return Loaded(
        questions=tuple(chain.from_iterable(part.questions for part in parts)),
        refused=(*chain.from_iterable(part.refused for part in parts), *refused),
    )


def _subset(data: BenchmarkData, subset: str) -> Loaded:
    bases = (f"egotextvqa_{subset}_annotation.jsonl", f"egotextvqa_{subset}_annotation.csv", f"egotextvqa_{subset}/total.json")
    name, file = needed(data, *(folder + base for base in bases for folder in ("", "data/")), remedy=HOW_TO_GET)
    return collect(_READERS[Path(name).suffix](file, name), lambda row: _placed(row, subset))


def _placed(row: Row, subset: str) -> Placed:
    video_id, number = row.path("video_id"), row.name("question_id")
    kind = row.one_of({spelled(each): each for each in SUBSETS[subset]}, "question_type")
    window = window_before(row.milliseconds(*TIMESTAMP))
    if window is None:
        raise row.refusal("nothing_before_question", "the question is asked at 0 s, before which there is no video; leave it out")
    question_id = f"{subset}/{video_id}/{number}"
    if len(question_id) > _LONGEST_ID:
        raise row.refusal(
            "field_too_long", f"video_id and question_id have more than {_LONGEST_ID - len(subset) - 2} characters; shorten them"
        )
    question = Question(
        question_id=question_id,
        benchmark="egotextvqa",
        video_id=video_id,
        task=f"{subset}/{kind}",
        start_ms=window.start_ms,
        end_ms=window.end_ms,
        question=row.text("question"),
        reference=Reference(answer=row.text("correct_answer")),
    )
    return Placed(question, f"EgoTextVQA-{subset.capitalize()}/{video_id}.mp4")


def _csv(file: Path, name: str) -> Iterator[Row | RefusedRow]:
    columns = (("video_id",), ("question_id",), TIMESTAMP, ("question_type",), ("question",), ("correct_answer",))
    return csv_rows(file, name, columns)


def _json(file: Path, name: str) -> Iterator[Row | RefusedRow]:
    """Upstream's list of `{dataset, split, task_setting, data: [...]}`; or the questions themselves."""
    content = json_of(file, name)
    parts = cast("list[Any]", content) if isinstance(content, list) else [content]
    inner = [cast("dict[str, Any]", part).get("data") if isinstance(part, dict) else None for part in parts]
    listed = all(isinstance(each, list) for each in inner) and bool(inner)
    return listed_rows(list(chain.from_iterable(cast("list[list[Any]]", inner))) if listed else content, name)


_READERS: Mapping[str, Callable[[Path, str], Iterator[Row | RefusedRow]]] = {".jsonl": jsonl_rows, ".csv": _csv, ".json": _json}
