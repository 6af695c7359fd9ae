"""The published table of ST-Evidence's generation part: a CSV file with one question a row, and a folder of masks for each."""

from egoetl.benchmarks.benchmark import BenchmarkData, Loaded, Placed
from egoetl.benchmarks.literals import MalformedError, literal_of, texts_of
from egoetl.benchmarks.options import choice_of
from egoetl.benchmarks.rows import Row, collect, csv_rows, needed
from egoetl.benchmarks.spans import spans_of
from egoetl.benchmarks.whole_video import END_MS, below
from egoetl.core.evaluation import Question, Reference, Spans

NAME = "st_evidence_gen"
FILE = "st_evidence_gen.csv"
VIDEOS = "videos_6fps"
MASKS = "mask_annos_latest_img"
TASK = "generation"
FEWEST_OPTIONS, MOST_OPTIONS = 2, 6
MASKS_PER_SECOND = 6.0
"""Masks are of the frames of the published videos."""
HOW_TO_GET = (
    f"Take the data set Salesforce/ST-Evidence from https://huggingface.co/datasets: `--data` is the folder that holds `{FILE}`,"
    f" `{VIDEOS}/` with the videos and, for J&F, `{MASKS}/` with a folder of masks for each entry."
)
_COLUMNS = (("entry_id",), ("video_path", "video_id", "video"), ("question",), ("candidates", "options"), ("answer",), ("segment",))


def load(data: BenchmarkData) -> Loaded:
    """The questions. Raises DataError `benchmark_file_missing`, `benchmark_file_too_large`, `benchmark_header`, `benchmark_not_text`."""
    name, file = needed(data, FILE, remedy=HOW_TO_GET)
    return collect(csv_rows(file, name, _COLUMNS), _placed)


def video_of(row: Row) -> str:
    """The address of a row's video below the root of videos. Raises DataError as `Row.path` does."""
    if row.fields.get("video_path"):
        published = row.name("video_path")
        return read_again(row, "video_path", below(VIDEOS, published)).path("video_path")
    return f"{VIDEOS}/{row.path('video_id', 'video').removesuffix('.mp4')}.mp4"


def options_of(row: Row) -> tuple[str, ...]:
    """A row's options. Raises DataError `options_malformed` and, also of each of them, those of `Row.text`."""
    try:
        options = texts_of(row.text("candidates", "options"))
    except MalformedError as error:
        raise row.refusal("options_malformed", f"candidates is no list of texts ({error}); write it like ['a cup', 'a jar']") from error
    if not FEWEST_OPTIONS <= len(options) <= MOST_OPTIONS:
        raise row.refusal(
            "options_malformed", f"candidates has {len(options)} options; from {FEWEST_OPTIONS} to {MOST_OPTIONS} can be told apart"
        )
    return tuple(read_again(row, "candidates", each).text("candidates") for each in options)


def read_again(row: Row, name: str, value: str) -> Row:
    """The row with a field that is part of what was published, or was made of it, to be held to the same rules."""
    return Row(row.where, row.number, {name: value})


def right_of(row: Row, options: tuple[str, ...]) -> int:
    """Which option a row says is right: by its text, else by its letter. Raises DataError `answer_not_an_option`."""
    answer = row.text("answer")
    if answer in options:
        return options.index(answer)
    if (found := choice_of(answer, options)) is not None:
        return found
    raise row.refusal("answer_not_an_option", f"answer {answer[:60]!r} is none of the {len(options)} options; mend one of them")


def _placed(row: Row) -> Placed:
    options = options_of(row)
    right = right_of(row, options)
    entry_id = row.path("entry_id")
    question = Question(
        question_id=entry_id,
        benchmark=NAME,
        video_id=row.name("video_id", "video", "video_path"),
        task=TASK,
        start_ms=0,
        end_ms=END_MS,
        question=row.text("question"),
        options=options,
        reference=Reference(answer=options[right], choice=right, spans=_evidence(row), masks=f"{MASKS}/{entry_id}"),
    )
    return Placed(question, video_of(row))


def _evidence(row: Row) -> Spans:
    """The seconds that the answer rests on. Raises DataError `spans_malformed` or `spans_empty`."""
    written = row.text("segment")
    try:
        spans = spans_of(literal_of(written))
    except MalformedError as error:
        raise row.refusal("spans_malformed", f"segment is no list of spans ({error}); write it like [[2.0, 4.5]]") from error
    if not any(start < end for start, end in spans) or any(start < 0 or end < start for start, end in spans):
        raise row.refusal("spans_empty", f"segment {written[:60]!r} names no stretch of the video, or one that runs backwards; mend it")
    return spans
