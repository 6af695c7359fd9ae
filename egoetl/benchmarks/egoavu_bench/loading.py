"""The published file of EgoAVU-Bench: a CSV with a question a record, about a window of an Ego4D video."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, cast

from egoetl.algorithms.shuffling import shuffled
from egoetl.benchmarks.benchmark import BenchmarkData, Loaded, Placed
from egoetl.benchmarks.options import Stem, choice_of, listed_options, split_options
from egoetl.benchmarks.rows import Row, collect, csv_rows, needed
from egoetl.core.evaluation import Question, Reference
from egoetl.metrics.option_choice import LETTERS
from egoetl.metrics.yes_no import yes_or_no

FILE = "egoavu_bench_combined.csv"
HOW_TO_GET = (
    f"Take `{FILE}` from https://huggingface.co/datasets/facebook/EgoAVU_data and the videos that it names from Ego4D"
    " (https://ego4d-data.org, which asks for a signed licence). `--data` is the folder with the file; videos are `<video_id>.mp4`."
)
COLUMNS = (("video_id",), ("start_time",), ("end_time",), ("question",), ("answer",), ("category",))
NARRATED = ("avdn", "avsn")
TASKS: Mapping[str, str] = {
    "ssa": "ssa",
    "avdn": "avdn",
    "avsn": "avsn",
    "tr": "tr",
    "tr_before_after": "tr/before_after",
    "tr_event_ordering": "tr/event_ordering",
    "avh": "avh",
    "avh_action": "avh/action",
    "avh_object": "avh/object",
    "avh_sound": "avh/sound",
}
"""Tasks by category: the five of the published tables, and the finer ones that the data engine names; a group stands before `/`."""


def load(data: BenchmarkData) -> Loaded:
    """The questions of the CSV. Raises DataError `benchmark_file_missing`, and what `csv_rows` says of the file."""
    name, file = needed(data, FILE, remedy=HOW_TO_GET)
    return collect(csv_rows(file, name, COLUMNS), _placed)


def _placed(row: Row) -> Placed:
    video_id = row.path("video_id")
    start_ms, end_ms = row.milliseconds("start_time"), row.milliseconds("end_time")
    if end_ms <= start_ms:
        raise row.refusal("window_inverted", f"the window ends at {end_ms} ms, but starts at {start_ms} ms; mend the times")
    task = row.one_of(TASKS, "category")
    asked, answer = row.text("question"), row.text("answer")
    digest = hashlib.sha256(json.dumps([video_id, start_ms, end_ms, task, asked, answer]).encode()).hexdigest()[:16]
    stem, reference = _reference(row, task, asked, answer)
    question = Question(
        question_id=f"{task.replace('/', '_')}_{digest}",
        benchmark="egoavu_bench",
        video_id=video_id,
        task=task,
        start_ms=start_ms,
        end_ms=end_ms,
        question=stem.question,
        options=stem.options,
        reference=reference,
    )
    return Placed(question, f"{video_id}.mp4")


def _reference(row: Row, task: str, asked: str, answer: str) -> tuple[Stem, Reference]:
    """The question as it is asked, and what is right: yes or no, an option, or a text."""
    group = task.partition("/")[0]
    if group == "avh":
        verdict = yes_or_no(answer).answer
        if verdict is None:
            raise row.refusal("answer_not_yes_or_no", f"answer {answer[:40]!r} of {task} is neither yes nor no; mend it")
        return Stem(asked, ()), Reference(answer=verdict)
    if group != "tr":
        return Stem(asked, ()), Reference(answer=answer)
    stem, answer = _choices(asked, answer)
    if not stem.options:
        return stem, Reference(answer=answer)
    if len(stem.options) > len(LETTERS):
        raise row.refusal("options_too_many", f"the question has {len(stem.options)} options, and at most {len(LETTERS)} are told apart")
    choice = choice_of(answer, stem.options)
    if choice is None:
        raise row.refusal("answer_not_an_option", f"answer {answer[:40]!r} is none of the {len(stem.options)} options, or several; mend it")
    return stem, Reference(answer=stem.options[choice], choice=choice)


def _choices(asked: str, answer: str) -> tuple[Stem, str]:
    """The options, which stand in the question or with the answer, as in `{"answer": ..., "options": [...]}`.

    Options of which none is the answer are the wrong ones alone, as the data engine makes them: the answer joins them in an order
    that only the texts decide.
    """
    stem = split_options(asked)
    try:
        reply: Any = json.loads(answer)
    except (ValueError, RecursionError):
        return stem, answer
    if stem.options or not isinstance(reply, dict):
        return stem, answer
    fields = cast("dict[str, Any]", reply)
    options, right = listed_options(fields.get("options")), str(fields.get("answer", "")).strip()
    if not options or not right:
        return stem, answer
    if choice_of(right, options) is None:
        options = shuffled((*options, right), asked)
    return Stem(stem.question, options), right
