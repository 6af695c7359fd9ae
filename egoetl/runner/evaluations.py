"""Score an evaluation: what its build made becomes a report, a file of predictions and rows of lineage; then the gate."""

from collections import Counter
from typing import Any, NamedTuple

from egoetl.benchmarks.benchmark import Benchmark
from egoetl.core.content_key import canonical_json
from egoetl.core.errors import CallerError, DataError
from egoetl.core.evaluation import Answered, Report, ScoredItem
from egoetl.core.ledger import Build
from egoetl.core.recipe import Recipe
from egoetl.core.records import Record
from egoetl.runner.answers import Placed, answers_of
from egoetl.runner.tools import Tools

PREFIX = "evals"
"""Where reports and predictions lie in the store."""
_NOTHING_TO_GRADE = ("nothing_said", "no_reference")
"""Why the judge was not asked: no trouble of its own."""


class Coverage(Record):
    """How many of an evaluation's questions came through: the model replied, and a judge graded where one is asked."""

    questions: int
    failed: int
    """The model was asked and gave no reply."""
    blocked: int
    """The model could not be asked."""
    ungraded: int
    """The model replied, and the judge gave no grade."""

    @property
    def share(self) -> float:
        """Of all questions; 1.0 where there are none."""
        lost = self.failed + self.blocked + self.ungraded
        return (self.questions - lost) / self.questions if self.questions else 1.0


class Scored(NamedTuple):
    """A report, and how complete it is."""

    report: Report
    coverage: Coverage


def score(tools: Tools, build: Build) -> Report:
    """Score a build's answers, keep the report, and settle the build by its recipe's floor.

    A build with failed questions is scored all the same; it is red below the floor. Scoring again, after a retry, takes the place of
    what was scored before.

    Raises:
        CallerError: the build evaluates nothing (`not_an_evaluation`).
        DataError: the coverage is below the floor (`coverage_below_floor`), or a file of the store is lost.
        CancelledError: somebody has cancelled the build.
    """
    scored = measure(tools, build)
    recipe = tools.recipe_of(build.spec)
    _keep(tools, build, recipe, scored.report)
    if scored.coverage.share < recipe.floor:
        tools.ledger.set_state(build.seq, "failed")
        raise DataError(_red(build, scored.coverage, recipe.floor), reason="coverage_below_floor")
    tools.reports.succeed(build.seq)
    return scored.report


def measure(tools: Tools, build: Build) -> Scored:
    """What a build's answers come to by now; nothing is kept of it. Raises as `score` does, but for the floor."""
    from egoetl.benchmarks.benchmark import Scoring
    from egoetl.benchmarks.index import load
    from egoetl.runner.scoring import About, report_on

    recipe = tools.recipe_of(build.spec)
    if not recipe.evaluates:
        raise _no_evaluation(build)
    benchmark = load(recipe.evaluates)
    judges = _judges(tools, recipe)
    placed = [_signed(each, judges) for each in answers_of(tools, build, benchmark, judged=bool(judges))]
    answered = [each.answered for each in placed]
    about = About(
        run=build.spec.name,
        model=tools.engines(recipe)["model"].model,
        judges=judges,
        refused=tools.evaluations.refused(build.seq),
        notes=_notes(benchmark, answered, judges),
        uris={each.answered.question.question_id: each.uri for each in placed},
    )
    report = report_on(benchmark, answered, Scoring(), about)
    return Scored(report, coverage_of(answered, judged=bool(judges)))


def coverage_of(answered: list[Answered], *, judged: bool) -> Coverage:
    """How many questions came through; `judged`: whether a grade is asked for."""
    statuses = Counter(each.status for each in answered)
    ungraded = sum(1 for each in answered if judged and each.ungraded and each.ungraded not in _NOTHING_TO_GRADE)
    return Coverage(questions=len(answered), failed=statuses["failed"], blocked=statuses["blocked"], ungraded=ungraded)


def report_of(tools: Tools, name: str) -> Report:
    """The report of a run. Raises CallerError `build_unknown`, `not_an_evaluation` or `evaluation_not_scored`."""
    build = tools.ledger.build(name)
    if not tools.recipe_of(build.spec).evaluates:
        raise _no_evaluation(build)
    if (kept := tools.evaluations.scored(build.seq)) is None:
        raise CallerError(
            f"Evaluation {name} was not scored yet; let it end, or run `egoetl stage run --build {name} --stages score`.",
            reason="evaluation_not_scored",
        )
    return Report.model_validate_json(tools.store.read(kept.report))


def _keep(tools: Tools, build: Build, recipe: Recipe, report: Report) -> None:
    """The report and the predictions in the store by content, then their rows in lineage."""
    put = tools.store.put_bytes
    written = put(PREFIX, canonical_json(report).encode(), suffix=".json", media_type="application/json")
    lines = "".join(canonical_json(_prediction(each)) + "\n" for each in report.items)
    predictions = put(PREFIX, lines.encode(), suffix=".jsonl", media_type="application/jsonl")
    trained_on = tools.evaluations.version(recipe.trained_on) if recipe.trained_on else None
    tools.evaluations.record(build.seq, report, (written, predictions), trained_on)


def _prediction(item: ScoredItem) -> dict[str, Any]:
    """A line of the file of predictions: what was asked, said and right, and how it was graded."""
    question = item.question
    return {
        "question_id": question.question_id,
        "video_id": question.video_id,
        "category": question.task,
        "question": question.question,
        "options": question.options,
        "ground_truth": question.reference.answer,
        "prediction": item.said[-1] if item.said else None,
        "said": item.said,
        "status": item.status,
        "reason": item.reason,
        "grades": [each.model_dump(mode="json") for each in item.grades],
    }


def _judges(tools: Tools, recipe: Recipe) -> tuple[str, ...]:
    """Who grades; nobody where the stage is off."""
    return () if recipe.params_of(recipe.stage("judge")).off else (tools.engines(recipe)["judge"].model,)


def _signed(placed: Placed, judges: tuple[str, ...]) -> Placed:
    """The answer with its grades under the name of the model that gave them, in the place of its role."""
    answered = placed.answered
    grades = tuple(each.model_copy(update={"judge": judges[0]}) for each in answered.grades)
    return placed._replace(answered=answered.model_copy(update={"grades": grades})) if grades else placed


def _notes(benchmark: Benchmark, answered: list[Answered], judges: tuple[str, ...]) -> tuple[str, ...]:
    """What somebody who reads the scores must know of the run."""
    graded = sum(1 for each in answered if benchmark.rubric(each.question) is not None)
    if judges or not graded:
        return ()
    return (f"No judge was asked, so {graded} of {len(answered)} questions have no grade; --judge MODEL has them graded.",)


def _no_evaluation(build: Build) -> CallerError:
    return CallerError(
        f"Build {build.spec.name} is one of recipe {build.spec.recipe}, which evaluates nothing; name an evaluation.",
        reason="not_an_evaluation",
    )


def _red(build: Build, coverage: Coverage, floor: float) -> str:
    name, lost = build.spec.name, coverage.failed + coverage.blocked + coverage.ungraded
    return (
        f"Coverage {coverage.share:.4f} is below the floor {floor:g}: {lost} of {coverage.questions} questions have no answer or no grade "
        f"({coverage.failed} failed, {coverage.blocked} could not be asked, {coverage.ungraded} were not graded). The others are scored. "
        f"See `egoetl build failed {name}`, mend the cause, then `egoetl build retry {name}`."
    )
