"""A benchmark of two tasks, for tests of what all benchmarks share: `pick` an option, `tell` in words and be judged."""

import json
from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import Any, cast

from egoetl.benchmarks.benchmark import Benchmark, BenchmarkData, Loaded, Placed, RubricName, Scoring
from egoetl.benchmarks.options import choice_of
from egoetl.benchmarks.rows import Row, collect, json_of, listed_rows, needed
from egoetl.core.evaluation import Answered, FrameLimits, Measure, Parsed, Question, Reference, Spans

NAME, FILE = "tiny", "tiny.json"
TASKS = {
    "pick": "pick", "tell": "tell", "indoor_tell": "tell", "outdoor_tell": "tell",
    "generation": "pick", "qa": "pick", "time_evidence": "pick", "spatial_evidence": "pick",
}  # fmt: skip


def question(name: str, task: str, answer: str, *, video: str = "v1", asked: str = "", options: tuple[str, ...] = ()) -> Question:
    """A question about the first ten seconds of a video."""
    choice = choice_of(answer, options)
    return Question(
        question_id=name, benchmark=NAME, video_id=video, task=task, start_ms=0, end_ms=10_000, question=asked or f"What of {name}?",
        options=options, reference=Reference(answer=answer if choice is None else options[choice], choice=choice),
    )  # fmt: skip


def load(data: BenchmarkData) -> Loaded:
    """The questions of `tiny.json`, a list."""
    name, file = needed(data, FILE, remedy="Write it.")
    return collect(listed_rows(json_of(file, name), name), _placed)


def parse(asked: Question, turns: tuple[str, ...]) -> Parsed:
    """The last turn, or the `answer` and `segments` of the JSON that it is."""
    text, spans = turns[-1].strip(), None
    if text.startswith("{"):
        reply = cast("dict[str, Any]", json.loads(text))
        text, spans = str(reply.get("answer") or ""), _spans(reply.get("segments"))
    if asked.task == "tell":
        return Parsed(answer=text or None, spans=spans)
    choice = choice_of(text, asked.options)
    return (
        Parsed(spans=spans, faults=("no_option",)) if choice is None else Parsed(answer=asked.options[choice], choice=choice, spans=spans)
    )


def measures(answered: Sequence[Answered], scoring: Scoring) -> tuple[Measure, ...]:
    """Accuracy of `pick`; the share of the right words, and judges' grades, of `tell`; masks where there are any."""
    picked = [each for each in answered if each.question.task == "pick"]
    right = {each.question.question_id: _right(each) for each in picked}
    found = (
        Measure(
            name="accuracy", values=right, scale=100.0, why_legacy="the reference scorer counts what is missing as wrong.",
            legacy={"all": sum(filter(None, right.values())) / len(right)} if right else {},
        ),
        Measure(name="meteor_1_5", values=_told(answered, _words), legacy={"all": 0.25}, scale=100.0, note="Words are counted once."),
        Measure(name="judge_1_5", values=_told(answered, lambda each: float(each.grades[0].score) if each.grades else None)),
    )  # fmt: skip
    masks = scoring.predicted_masks
    if masks is None:
        return found
    return (*found, Measure(name="frames", values={each.question.question_id: _frames(each, scoring) for each in picked}))


def rubric(asked: Question) -> RubricName | None:
    """What is told is judged."""
    return "yes_no_0_5" if asked.task == "tell" else None


TINY = Benchmark(
    name=NAME, version=1, title="Tiny", licence="ours", how_to_get="It is here.", frames=FrameLimits(), load=load, prompts={},
    dialogue=lambda _: ("answer",), parse=parse, measures=measures, rubric=rubric, tasks=MappingProxyType(TASKS),
)  # fmt: skip


def _placed(row: Row) -> Placed:
    options = tuple(cast("list[str]", row.fields.get("options") or []))
    asked = question(row.name("question_id"), row.one_of(TASKS, "task"), row.text("answer"), video=row.name("video_id"),
                     asked=row.text("question"), options=options)  # fmt: skip
    return Placed(asked, f"{asked.video_id}.mp4")


def _spans(value: Any) -> Spans | None:
    return tuple((float(start), float(end)) for start, end in cast("list[list[float]]", value)) if isinstance(value, list) else None


def _told(answered: Sequence[Answered], value: Callable[[Answered], float | None]) -> dict[str, float | None]:
    return {each.question.question_id: value(each) for each in answered if each.question.task == "tell"}


def _right(answered: Answered) -> float | None:
    if answered.parsed is None:
        return None
    return float(answered.parsed.choice == answered.question.reference.choice)


def _words(answered: Answered) -> float | None:
    if answered.parsed is None or answered.parsed.answer is None:
        return None
    wanted = set(answered.question.reference.answer.casefold().split())
    return len(wanted & set(answered.parsed.answer.casefold().split())) / len(wanted)


def _frames(answered: Answered, scoring: Scoring) -> float | None:
    folder = answered.parsed.masks if answered.parsed else None
    frames = scoring.predicted_masks.frames(folder) if scoring.predicted_masks and folder else None
    return None if frames is None else float(len(frames))
