"""How far the judge of one report agrees with that of another, or with people, about the same answers."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple, get_args

from egoetl.benchmarks.benchmark import RubricName
from egoetl.benchmarks.rubrics.index import RUBRICS
from egoetl.core.errors import CallerError
from egoetl.core.evaluation import Grade, Report, ScoredItem
from egoetl.core.records import Record
from egoetl.metrics.agreement import Agreement, Pair, agreement, spearman
from egoetl.runner.agreement_labels import Graded, Labels

Of = Literal["score", "verdict"]
Outcome = Literal["answers", "only_first", "only_second", "ungraded", "order_dependent", "different_answers", "off_scale"]


class AgreementRow(Agreement):
    """Agreement on one task's answers, about the score or about yes and no."""

    rubric: str
    of: Of


class LengthTie(Record):
    """How a judge's scores go with the length of the answers, in characters: Spearman's correlation over `answers` of them."""

    grader: str
    rubric: str
    answers: int
    spearman: float | None


class Compared(Record):
    """Two graders compared. Every question of the first report is in one of the counts up to `off_scale`."""

    first: str
    second: str
    answers: int
    """Graded by both: what the rows are about."""
    only_first: int
    only_second: int
    ungraded: int
    """Graded by neither."""
    order_dependent: int
    """Left out: a judge's grade depends on the order in which it saw the two answers."""
    different_answers: int
    """Left out: the two reports have different answers to the question."""
    off_scale: int
    """Left out: a score of the labels is not on the rubric's scale."""
    not_asked: int
    """Graded by the second, and no question of the report."""
    refused: dict[str, int]
    """Lines of a file of labels that were refused, by reason."""
    rows: tuple[AgreementRow, ...]
    lengths: tuple[LengthTie, ...]


class Grader(NamedTuple):
    """Somebody's grades by question id. `said` are the answers graded and `rubrics` by what; None for people."""

    name: str
    grades: Mapping[str, Graded]
    rubrics: Mapping[str, RubricName] | None = None
    said: Mapping[str, tuple[str, ...]] | None = None
    order_dependent: frozenset[str] = frozenset()
    refused: Mapping[str, int] | None = None


def judges_of(report: Report) -> tuple[str, ...]:
    """Who has graded something in a report, in order of appearance."""
    return tuple(dict.fromkeys(grade.judge for each in report.items for grade in each.grades))


def judge_of(report: Report, name: str, judge: str | None = None) -> Grader:
    """The grades of a report's judge, of the first if no other is named. Raises CallerError `report_ungraded`."""
    judges = judges_of(report)
    if not judges:
        raise CallerError(
            f"{name} holds no grade to compare; evaluate with a judge first, then give the report that has its grades.",
            reason="report_ungraded",
        )
    judge = judge or judges[0]
    held = {each.question.question_id: grade for each in report.items if (grade := _grade_by(judge, each)) is not None}
    return Grader(
        name=f"{judge} in {name}",
        grades={key: Graded(grade.score, grade.verdict) for key, grade in held.items() if grade.consistent is not False},
        rubrics={key: _rubric(grade) for key, grade in held.items()},
        said={each.question.question_id: each.said for each in report.items},
        order_dependent=frozenset(key for key, grade in held.items() if grade.consistent is False),
    )


def people_of(labels: Labels, name: str) -> Grader:
    """The grades of a file of labels."""
    return Grader(name=f"people in {name}", grades=labels.grades, refused=labels.refused)


def compare(report: Report, first: Grader, second: Grader) -> Compared:
    """Compare two graders over the answers of a report, whose judge is the first.

    Raises CallerError `rubrics_differ` where they graded one question by different rubrics.
    """
    outcomes = {each.question.question_id: _outcome(each, first, second) for each in report.items}
    counts = Counter(outcomes.values())
    both = [each for each in report.items if outcomes[each.question.question_id] == "answers"]
    return Compared(
        first=first.name,
        second=second.name,
        **{name: counts[name] for name in get_args(Outcome)},
        not_asked=len(second.grades.keys() - outcomes.keys()),
        refused=dict(second.refused or {}),
        rows=tuple(_rows(both, first, second)),
        lengths=tuple(tie for each in (first, second) for tie in length_ties(report, each)),
    )


def length_ties(report: Report, grader: Grader) -> Iterator[LengthTie]:
    """How a judge's scores go with the length of what it graded, for each rubric; nothing for people."""
    by_rubric: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for item in report.items:
        key = item.question.question_id
        grade = grader.grades.get(key)
        if grader.said is not None and grader.rubrics is not None and grade is not None and grade.score is not None:
            by_rubric[grader.rubrics[key]].append((grade.score, len("\n".join(grader.said[key]))))
    for rubric, pairs in sorted(by_rubric.items()):
        scores, lengths = zip(*pairs, strict=True)
        yield LengthTie(grader=grader.name, rubric=rubric, answers=len(pairs), spearman=spearman(scores, lengths))


def _grade_by(judge: str, item: ScoredItem) -> Grade | None:
    return next((each for each in item.grades if each.judge == judge), None)


def _rubric(grade: Grade) -> RubricName:
    for name in RUBRICS:
        if name == grade.rubric:
            return name
    raise CallerError(
        f"A grade of {grade.judge} is on the rubric {grade.rubric!r}; there are {', '.join(RUBRICS)}.", reason="rubric_unknown"
    )


def _outcome(item: ScoredItem, first: Grader, second: Grader) -> Outcome:
    key = item.question.question_id
    one, other = first.grades.get(key), second.grades.get(key)
    if key in first.order_dependent | second.order_dependent:
        return "order_dependent"
    if one is None or other is None:
        return "ungraded" if one is other else "only_second" if one is None else "only_first"
    if second.said is not None and second.said[key] != item.said:
        return "different_answers"
    low, high = _scale(key, first, second)
    return "answers" if other.score is None or low <= other.score <= high else "off_scale"


def _scale(key: str, first: Grader, second: Grader) -> tuple[int, int]:
    rubric = (first.rubrics or {})[key]
    other = (second.rubrics or {}).get(key, rubric)
    if other != rubric:
        raise CallerError(
            f"{first.name} graded question {key} by {rubric} and {second.name} by {other}; grades on different scales do not compare.",
            reason="rubrics_differ",
        )
    return RUBRICS[rubric].low, RUBRICS[rubric].high


def _rows(both: list[ScoredItem], first: Grader, second: Grader) -> Iterator[AgreementRow]:
    pairs: dict[tuple[RubricName, Of], list[Pair]] = defaultdict(list)
    for item in both:
        key, task, video = item.question.question_id, item.question.task, item.question.video_id
        one, other, rubric = first.grades[key], second.grades[key], (first.rubrics or {})[key]
        if one.score is not None and other.score is not None:
            pairs[rubric, "score"].append(Pair(task, video, one.score, other.score))
        if one.verdict and other.verdict:
            pairs[rubric, "verdict"].append(Pair(task, video, int(one.verdict == "yes"), int(other.verdict == "yes")))
    for (rubric, of), held in sorted(pairs.items()):
        low, high = (0, 1) if of == "verdict" else (RUBRICS[rubric].low, RUBRICS[rubric].high)
        yield from (AgreementRow(**dict(each), rubric=rubric, of=of) for each in agreement(held, low, high))
