"""The published files of ST-Evidence's multiple choice: a table of questions, and for each entry the options of its evidence.

Each entry makes three questions: `qa`, `time_evidence` and `spatial_evidence`. One whose ground truth is absent or contradicts
itself is refused, and the entry's others stay. Options are in the order in which they were published.
"""

from collections.abc import Callable, Mapping
from typing import Any, cast

from egoetl.benchmarks.benchmark import BenchmarkData, Loaded, Placed
from egoetl.benchmarks.literals import MalformedError
from egoetl.benchmarks.rows import Row, Rows, collect, csv_rows, json_of, needed
from egoetl.benchmarks.spans import in_words, spans_of
from egoetl.benchmarks.st_evidence_gen.loading import HOW_TO_GET as _PUBLISHED
from egoetl.benchmarks.st_evidence_gen.loading import options_of, read_again, right_of, video_of
from egoetl.benchmarks.whole_video import END_MS, below
from egoetl.core.errors import DataError
from egoetl.core.evaluation import Question, Reference, Spans
from egoetl.core.ledger import RefusedRow

NAME = "st_evidence_mcq"
FILE, TIME_FILE, PICTURE_FILE = "st_evidence_mcq.csv", "temp_options.json", "mask_options.json"
PICTURES = "mask_options"
QA, TIME, SPATIAL = "qa", "time_evidence", "spatial_evidence"
RIGHT_PICTURE = "gt"
EVIDENCE_OPTIONS = 4
HOW_TO_GET = f"{_PUBLISHED} The multiple choice is in `{FILE}`, `{TIME_FILE}`, `{PICTURE_FILE}` and the pictures that the latter names."
_COLUMNS = (("entry_id",), ("video_path", "video_id", "video"), ("question",), ("candidates", "options"), ("answer",))


def load(data: BenchmarkData) -> Loaded:
    """The questions, three an entry.

    Raises DataError `benchmark_file_missing`, `benchmark_file_too_large`, `benchmark_header`, `benchmark_not_text`,
    `benchmark_not_json`, `benchmark_not_an_object`.
    """
    name, file = needed(data, FILE, remedy=HOW_TO_GET)
    rows = list(csv_rows(file, name, _COLUMNS))
    parts = [collect(rows, _qa)]
    parts += [_evidence(data, rows, *each) for each in ((TIME_FILE, _time), (PICTURE_FILE, _spatial))]
    refused = tuple(row for part in parts for row in part.refused)
    return Loaded(questions=tuple(each for part in parts for each in part.questions), refused=refused)


def _evidence(data: BenchmarkData, rows: list[Row | RefusedRow], file_name: str, placed: Callable[[Row], Placed]) -> Loaded:
    """The questions about one kind of evidence: a row for each entry of the table, with the fields of the options' file in it."""
    name, file = needed(data, file_name, remedy=HOW_TO_GET)
    options = json_of(file, name)
    if not isinstance(options, dict):
        raise DataError(f"{name} holds no object of entries; take the file as it was published.", reason="benchmark_not_an_object")
    return collect(_joined([row for row in rows if isinstance(row, Row)], cast("dict[str, Any]", options), name), placed)


def _joined(rows: list[Row], options: Mapping[str, Any], name: str) -> Rows:
    """The table's rows with the options of their entry under `options_file`, in the order of the table; then entries without a row.

    A row that names no entry, or one that an earlier row is of, is none of this file's affair.
    """
    left, seen = dict(options), {""}
    for row in rows:
        entry_id = str(row.fields.get("entry_id", "")).strip()
        if entry_id not in seen:
            yield row._replace(where=f"Entry {entry_id!r} of {name}", fields={**row.fields, "options_file": left.pop(entry_id, None)})
        seen.add(entry_id)
    for number, entry_id in enumerate(left, start=len(rows) + 2):
        yield RefusedRow(
            row=number,
            video_id="",
            reason="entry_unknown",
            message=f"Entry {entry_id[:60]!r} of {name} is no entry of {FILE}; mend its id.",
        )


def _qa(row: Row) -> Placed:
    options = options_of(row)
    right = right_of(row, options)
    return _placed(row, QA, options, Reference(answer=options[right], choice=right))


def _time(row: Row) -> Placed:
    entry = _entry(row)
    listed = entry.fields.get("time_evidence_options")
    spans = [_spans(entry, each) for each in (cast("list[Any]", listed) if isinstance(listed, list) else ())]
    if len(spans) != EVIDENCE_OPTIONS or not all(spans):
        raise entry.refusal("options_malformed", f"time_evidence_options are not {EVIDENCE_OPTIONS} lists of spans; mend them")
    options = tuple(read_again(entry, "time_evidence_options", in_words(each)).text("time_evidence_options") for each in spans)
    right = right_of(Row(entry.where, entry.number, {"answer": entry.fields.get("correct_answer")}), options)
    return _placed(row, TIME, options, Reference(answer=options[right], choice=right, spans=spans[right]))


def _spatial(row: Row) -> Placed:
    entry = _entry(row)
    listed = entry.fields.get("options")
    order = [each for each in cast("list[Any]", listed) if isinstance(each, str)] if isinstance(listed, list) else []
    if len(order) != EVIDENCE_OPTIONS or len(set(order)) != EVIDENCE_OPTIONS or RIGHT_PICTURE not in order:
        raise entry.refusal("options_malformed", f"options are not {EVIDENCE_OPTIONS} names of pictures with {RIGHT_PICTURE!r} among them")
    right = order.index(RIGHT_PICTURE)
    answer = entry.fields.get("answer")
    if isinstance(answer, bool) or answer not in (right, right + 1):
        raise entry.refusal("answer_contradicts_options", f"answer is {answer!r}, and {RIGHT_PICTURE!r} is option {right}, counted from 0")
    pictures = tuple(_picture(entry, each) for each in order)
    return _placed(row, SPATIAL, (), Reference(choice=right), pictures)


def _placed(row: Row, task: str, options: tuple[str, ...], reference: Reference, pictures: tuple[str, ...] = ()) -> Placed:
    question = Question(
        question_id=read_again(row, "entry_id", f"{row.path('entry_id')}/{task}").path("entry_id"),
        benchmark=NAME,
        video_id=row.name("video_id", "video", "video_path"),
        task=task,
        start_ms=0,
        end_ms=END_MS,
        question=row.text("question"),
        options=options,
        pictures=pictures,
        reference=reference,
    )
    return Placed(question, video_of(row))


def _entry(row: Row) -> Row:
    """The entry of the options' file. Raises DataError `options_missing`."""
    fields = row.fields["options_file"]
    if not isinstance(fields, dict):
        raise row.refusal("options_missing", "there is no such entry, so that nothing is known to be right; add it")
    return Row(row.where, row.number, cast("dict[str, Any]", fields))


def _spans(entry: Row, value: Any) -> Spans:
    try:
        return spans_of(value)
    except MalformedError as error:
        raise entry.refusal("spans_malformed", f"an option is no list of spans ({error}); write it like [[2.0, 4.5]]") from error


def _picture(entry: Row, key: str) -> str:
    """The address of a picture below the data. Raises DataError as `Row.path` does."""
    published = entry.name(key)
    return read_again(entry, key, below(PICTURES, published)).path(key)
