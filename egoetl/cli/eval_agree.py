"""`egoetl eval agree`: two judges, or a judge and people, on the same answers."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from egoetl.metrics.agreement import Statistic
    from egoetl.runner.agreeing import Compared


def agree(
    first: Annotated[str, typer.Argument(help="A report with grades: a JSON file or a run's name.")],
    second: Annotated[
        str | None,
        typer.Argument(
            help="Another report, or people's labels: CSV with question_id, score, verdict. Left out: the first's second judge."
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """How far a judge agrees with another judge, or with people, by task."""
    compared = _compared(first, second)
    if json:
        from egoetl.cli.exits import print_json

        print_json(compared.model_dump(mode="json"))
        return
    _print(compared)


def _compared(first: str, second: str | None) -> "Compared":
    from pathlib import Path

    from egoetl.core.errors import CallerError
    from egoetl.runner.agreeing import compare, judge_of, judges_of, people_of
    from egoetl.runner.agreement_labels import read_labels
    from egoetl.runner.report_source import report_from

    report = report_from(first)
    judge = judge_of(report, first)
    if second is None:
        others = judges_of(report)[1:]
        if not others:
            raise CallerError(
                f"{first} has one judge, and nothing to compare it with; give a second report, or people's labels.", reason="judge_alone"
            )
        return compare(report, judge, judge_of(report, first, others[0]))
    if second.endswith(".csv"):
        return compare(report, judge, people_of(read_labels(Path(second)), second))
    return compare(report, judge, judge_of(report_from(second), second))


def _print(compared: "Compared") -> None:
    from egoetl.cli.tables import print_rows

    typer.echo(f"{compared.first} and {compared.second}: {compared.answers} answers graded by both.")
    left_out = {
        "graded by the first alone": compared.only_first,
        "graded by the second alone": compared.only_second,
        "graded by neither": compared.ungraded,
        "left out, the grade depends on the order of the answers": compared.order_dependent,
        "left out, the reports have different answers": compared.different_answers,
        "left out, the score is off the scale": compared.off_scale,
        "labels about other questions": compared.not_asked,
        **{f"lines refused, {reason}": count for reason, count in compared.refused.items()},
    }
    for what, count in left_out.items():
        if count:
            typer.echo(f"  {count} {what}")
    print_rows([_row(each) for each in compared.rows], empty="Nothing was graded by both.")
    for each in compared.lengths:
        tie = "not defined" if each.spearman is None else f"{each.spearman:.2f}"
        typer.echo(f"Score and length of the answer, {each.grader} ({each.rubric}, {each.answers} answers): Spearman {tie}")


def _row(row: Any) -> dict[str, Any]:
    return {
        "task": row.task, "of": row.of, "answers": row.answers, "videos": row.videos,
        "exact": _shown(row.exact), "kappa": _shown(row.kappa), "spearman": _shown(row.spearman),
    }  # fmt: skip


def _shown(of: "Statistic") -> str:
    if of.value is None:
        return "not defined"
    return f"{of.value:.2f}" + ("" if of.low is None or of.high is None else f" [{of.low:.2f}, {of.high:.2f}]")
