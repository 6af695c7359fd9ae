"""What the tests of the evaluation's pages look at: a rendered worktop, and what two models said about it."""

from pathlib import Path

from egoetl.core.evaluation import Report, Score, ScoredItem
from egoetl.footage.maker import make
from egoetl.footage.script import NTSC, Script, Thing, burst, impact, leaves, slides, tone
from egoetl.testing.reports import a_grade, a_report, an_item

WORKTOP = Script(
    name="worktop",
    split="test",
    length_ms=9_000,
    rate=NTSC,
    surface="wood",
    things=(
        Thing("red", "ball", "TEA", lane=1, x=-0.22).does(slides(1_000, 0.12, sound=impact()), slides(5_000, -0.2, sound=tone(740))),
        Thing("blue", "box", "SALT", lane=2, x=0.2, size=0.11).does(leaves(6_300, "right", sound=burst(900))),
    ),
)
ASKED = (
    (
        ("ssa", 0, 3_000, "What makes the knock?", "the red tin, as it slides"),
        ("The red tin makes it when it slides.", 5),
        ("The blue box falls.", 1),
    ),
    (
        ("ssa", 5_000, 6_300, "What makes the high tone?", "the red tin"),
        ("A bird outside.", 1),
        ("The red tin, sliding back.", 5),
    ),
    (("avh_sound", 0, 3_000, "Is a bell heard?", "no"), ("no", 5), ("yes", 1)),
    (("avh_action", 6_000, 9_000, "Is the box pushed out of view?", "yes"), ("yes", 5), ("yes", 5)),
    (
        (
            "avdn",
            0,
            9_000,
            "Tell what happens.",
            "The red tin slides right and back; then the blue box is pushed out of view to the right.",
        ),
        ("A red tin slides to the right. Later a blue box leaves.", 3),
        ("Somebody cooks.", 1),
    ),
    (
        ("tr_before_after", 4_000, 7_000, "What happens before the box leaves?", "the red tin slides back"),
        ("the tin slides back", 4),
        None,
    ),
    (
        ("tr_before_after", 0, 3_000, "What happens after the knock?", "the tin stands still"),
        ("the box leaves", 2),
        ("the tin rolls", 2),
    ),
)
"""Task, window, question and reference; for each model what it said and how it was graded; None: it gave no reply."""


def footage(folder: Path) -> Path:
    """The folder with the worktop's video."""
    make(folder, lambda *_: None, (WORKTOP,))
    return folder


def answers_of(model: int) -> Report:
    """The report of the first or the second model."""
    items = [_item(number, asked, answers[model]) for number, (asked, *answers) in enumerate(ASKED)]
    return a_report(items, run=f"night-{model + 1}", model=("tiny-omni@3f2a", "tiny-vl@91c0")[model], scores=_scores(items))


def _item(number: int, asked: tuple[str, int, int, str, str], answer: tuple[str, int] | None) -> ScoredItem:
    task, start_ms, end_ms, question, reference = asked
    said, score = answer or (None, None)
    return an_item(
        f"worktop/{number}",
        task=task,
        video="worktop",
        question=question,
        reference=reference,
        said=said,
        status="answered" if answer else "failed",
        grades=[a_grade(score), a_grade(max(1, score - number % 2), judge="judge-b")] if answer else [],
        values={"judge_1_5": score},
        window=(start_ms, end_ms),
        uri="worktop.mp4",
    )


def _scores(items) -> list[Score]:
    found = []
    for task in ("all", *sorted({each.question.task for each in items})):
        values = [each.values["judge_1_5"] for each in items if task in ("all", each.question.task)]
        known = [each for each in values if each is not None]
        mean = sum(known) / len(known) if known else None
        found.append(
            Score(
                measure="judge_1_5", task=task, value=mean, low=mean and max(1.0, mean - 0.6), high=mean and min(5.0, mean + 0.5),
                scored=len(known), total=len(values), videos=1, missing_as_zero=sum(known) / len(values),
            )
        )  # fmt: skip
    return found
