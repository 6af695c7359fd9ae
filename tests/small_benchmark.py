"""A benchmark of a few lines: choices of a letter, and open questions that a judge grades."""

import json
from collections.abc import Sequence
from types import MappingProxyType

from egoetl.benchmarks.benchmark import Benchmark, BenchmarkData, Loaded, Placed, RubricName, Scoring
from egoetl.core.errors import DataError
from egoetl.core.evaluation import Answered, FrameLimits, Measure, Parsed, Question, Reference
from egoetl.core.ledger import RefusedRow
from egoetl.core.prompt import Prompt

NAME = "small_bench"
PROMPTS = {
    "choice": Prompt("small_choice", "---\nsystem: You look.\n---\n{{ question.question }}\n{{ question.options | join(' | ') }}"),
    "why": Prompt("small_why", "---\nsystem: You look.\n---\nSay why."),
}


def load(data: BenchmarkData) -> Loaded:
    file = data.file("questions.jsonl")
    if file is None:
        raise DataError("The benchmark's data has no questions.jsonl.", reason="benchmark_file_missing")
    placed, refused = list[Placed](), list[RefusedRow]()
    for number, line in enumerate(file.read_text().splitlines(), start=1):
        row = json.loads(line)
        try:
            placed.append(Placed(_question(row), row["video"]))
        except (KeyError, ValueError) as error:
            refused.append(RefusedRow(row=number, video_id="", reason="row_malformed", message=f"Line {number}: {error!r}"))
    return Loaded(questions=tuple(placed), refused=tuple(refused))


def _question(row: dict[str, object]) -> Question:
    return Question(
        question_id=str(row["id"]), benchmark=NAME, video_id=str(row["video"]), task=str(row["task"]), question=str(row["question"]),
        start_ms=int(str(row["start"])), end_ms=int(str(row["end"])), options=tuple(row.get("options", ())),
        pictures=tuple(row.get("pictures", ())), reference=Reference(answer=str(row["answer"])),
    )  # fmt: skip


def parse(question: Question, said: tuple[str, ...]) -> Parsed:
    text = (said or ("",))[0].strip()
    if not question.options:
        return Parsed(answer=text)
    letters = "ABCDE"[: len(question.options)]
    return Parsed(choice=letters.index(text)) if text in letters else Parsed(faults=("no_option",))


def measures(answered: Sequence[Answered], _: Scoring) -> tuple[Measure, ...]:
    right = {each.question.question_id: _right(each) for each in answered if each.question.options}
    graded = {
        each.question.question_id: each.grades[0].score / 5 if each.grades else None for each in answered if not each.question.options
    }
    return (
        Measure(name="accuracy", values=right, scale=100, legacy={"all": 0.5}, why_legacy="It counts half."),
        Measure(name="grade", values=graded),
    )


def _right(each: Answered) -> float | None:
    if each.status in ("failed", "blocked", "missing"):
        return None
    chosen = each.parsed.choice if each.parsed else None
    return float(chosen is not None and each.question.options[chosen] == each.question.reference.answer)


def rubric(question: Question) -> RubricName | None:
    return None if question.options else "yes_no_0_5"


SMALL = Benchmark(
    name=NAME, version=1, title="Small", licence="none", how_to_get="Write it.", frames=FrameLimits(max_frames=4, max_side=64),
    load=load, prompts=MappingProxyType(PROMPTS), dialogue=lambda question: ("choice",) if question.options else ("choice", "why"),
    parse=parse, measures=measures, rubric=rubric, max_tokens=64,
)  # fmt: skip
