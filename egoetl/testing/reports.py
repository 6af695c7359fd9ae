"""Reports of evaluations to test with: small ones by hand, large ones by number."""

from collections import Counter
from collections.abc import Sequence

from egoetl.core.evaluation import (
    AnswerStatus,
    Grade,
    Parsed,
    Question,
    Reference,
    Report,
    Score,
    ScoredItem,
)

TASKS = ("avdn", "avh_sound", "ssa", "tr_before_after")
_STATUSES: tuple[AnswerStatus, ...] = ("answered", "answered", "answered", "answered", "answered", "unparsed", "failed", "missing")


def an_item(
    question_id: str = "v1/q1",
    *,
    task: str = "ssa",
    video: str = "v1",
    question: str = "What rings?",
    reference: str = "the bell",
    said: str | None = "a bell",
    status: AnswerStatus = "answered",
    grades: Sequence[Grade] = (),
    values: dict[str, float | None] | None = None,
    window: tuple[int, int] = (0, 10_000),
    uri: str | None = None,
) -> ScoredItem:
    """One question with what a model said to it."""
    asked = Question(
        question_id=question_id, benchmark="egoavu_bench", video_id=video, task=task, question=question,
        reference=Reference(answer=reference), start_ms=window[0], end_ms=window[1],
    )  # fmt: skip
    parsed = Parsed(answer=said) if status == "answered" else None
    return ScoredItem(
        question=asked, status=status, said=() if said is None else (said,), parsed=parsed, grades=tuple(grades),
        reason="" if status == "answered" else f"was_{status}", values=values or {}, uri=uri,
    )  # fmt: skip


def a_grade(
    score: int, *, judge: str = "judge-a", rubric: str = "graded_1_5", verdict: str | None = None, consistent: bool | None = None
) -> Grade:
    """A grade."""
    return Grade.model_validate(
        {"rubric": rubric, "judge": judge, "score": score, "verdict": verdict, "reason": "As said.", "consistent": consistent}
    )


def a_report(items: Sequence[ScoredItem], *, run: str = "run-a", model: str = "tiny-omni@1", scores: Sequence[Score] = ()) -> Report:
    """A report of these items."""
    counts: Counter[AnswerStatus] = Counter(each.status for each in items)
    judges = dict.fromkeys(grade.judge for each in items for grade in each.grades)
    return Report(
        run=run, benchmark="egoavu_bench", benchmark_version=1, model=model, judges=tuple(judges), scores=tuple(scores),
        counts=dict(counts), items=tuple(items),
    )  # fmt: skip


def a_large_report(
    count: int, *, run: str = "run-a", model: str = "tiny-omni@1", shift: int = 0, videos: int = 40, uri: str = "{video}.mp4"
) -> Report:
    """A report of `count` questions on four tasks, with every status, grades and two metrics; another `shift`, other answers."""
    items = [_numbered(number, shift, videos, uri) for number in range(count)]
    return a_report(items, run=run, model=model, scores=_scores(items))


def _numbered(number: int, shift: int, videos: int, uri: str) -> ScoredItem:
    video, task = f"kitchen-{number % videos:03}", TASKS[number % len(TASKS)]
    status = _STATUSES[(number * 7 + shift) % len(_STATUSES)]
    score = min(5, max(1, (number * 3 + shift) % 5 + (number // 4 * 5 + shift) % 3 - number % len(TASKS) + 2))
    start_ms = (number // videos * 2_000) % 20_000
    answered = status == "answered"
    answer = f"{'a glass bell' if score >= 3 else 'a drum'}, struck {number % (7 + shift)} times"
    return an_item(
        f"{video}/{task}/{number}",
        task=task,
        video=video,
        question="What can be heard, and why?" if number % 3 else f"What happens after step {number}?",
        reference=f"a glass bell, struck {number % 7} times",
        said=answer if answered else "Hm." if status == "unparsed" else None,
        status=status,
        grades=(a_grade(score), a_grade(min(5, score + number % 2), judge="judge-b")) if answered else (),
        values={"judge": float(score), "meteor_1_5": score / 10 + 0.3} if answered else {"judge": None, "meteor_1_5": None},
        window=(start_ms, start_ms + 4_000),
        uri=uri.format(video=video),
    )


def _scores(items: Sequence[ScoredItem]) -> list[Score]:
    tasks = ("all", *sorted({each.question.task for each in items}))
    return [_score(items, measure, task) for measure in ("judge", "meteor_1_5") for task in tasks]


def _score(items: Sequence[ScoredItem], measure: str, task: str) -> Score:
    of_task = [each for each in items if task in ("all", each.question.task)]
    valued = [(each.question.video_id, value) for each in of_task if (value := each.values.get(measure)) is not None]
    total = sum(value for _, value in valued)
    mean = total / len(valued) if valued else None
    return Score(
        measure=measure,
        task=task,
        value=mean,
        low=mean and mean * 0.95,
        high=mean and mean * 1.04,
        scored=len(valued),
        total=len(of_task),
        videos=len({video for video, _ in valued}),
        missing_as_zero=total / len(of_task),
        legacy=mean and mean * 0.9 if measure == "meteor_1_5" else None,
        scale=100.0 if measure == "meteor_1_5" else 1.0,
    )
