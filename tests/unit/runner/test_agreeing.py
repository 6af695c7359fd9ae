"""Two judges, or a judge and people: what is compared, and what is left out and counted."""

import json
from pathlib import Path

import pytest

from egoetl.cli.eval_agree import agree
from egoetl.core.errors import CallerError, DataError
from egoetl.runner.agreeing import Compared, compare, judge_of, judges_of, people_of
from egoetl.runner.agreement_labels import Graded, Labels, read_labels
from egoetl.testing.reports import a_grade, a_large_report, a_report, an_item


def labels(text: str, folder: Path) -> Labels:
    file = folder / "labels.csv"
    file.write_text(text, encoding="utf-8")
    return read_labels(file)


def of_people(report, **grades: Graded) -> Compared:
    return compare(report, judge_of(report, "a.json"), people_of(Labels(grades, {}), "labels.csv"))


def test_every_question_is_in_one_count_and_only_what_both_graded_is_compared() -> None:
    report = a_report(
        [
            an_item("both", grades=[a_grade(4)]),
            an_item("both2", grades=[a_grade(2)], video="v2"),
            an_item("first", grades=[a_grade(3)]),
            an_item("second"),
            an_item("neither"),
            an_item("order", grades=[a_grade(5, consistent=False), a_grade(1, consistent=False)]),
            an_item("off", grades=[a_grade(3)]),
        ]
    )
    yes = {"both": 4, "both2": 3, "second": 2, "order": 5, "off": 9, "elsewhere": 1}
    found = of_people(report, **{key: Graded(score, None) for key, score in yes.items()})
    counts = found.model_dump(include={"answers", "only_first", "only_second", "ungraded", "order_dependent", "off_scale", "not_asked"})
    assert counts == {
        "answers": 2, "only_first": 1, "only_second": 1, "ungraded": 1, "order_dependent": 1, "off_scale": 1, "not_asked": 1,
    }  # fmt: skip
    (row,) = found.rows
    assert (row.task, row.of, row.answers, row.exact.value) == ("ssa", "score", 2, 0.5)


def test_two_reports_are_compared_only_where_they_have_the_same_answer() -> None:
    first = a_report([an_item("q1", grades=[a_grade(4)]), an_item("q2", said="a lid", grades=[a_grade(4)])])
    second = a_report([an_item("q1", grades=[a_grade(4, judge="b")]), an_item("q2", said="a cup", grades=[a_grade(1, judge="b")])])
    found = compare(first, judge_of(first, "a"), judge_of(second, "b"))
    assert (found.answers, found.different_answers) == (1, 1)
    assert found.rows[0].exact.value == 1.0


def test_verdicts_are_compared_beside_scores() -> None:
    graded = [("q1", 5, "yes"), ("q2", 1, "no"), ("q3", 4, "yes")]
    report = a_report([an_item(key, grades=[a_grade(score, rubric="yes_no_0_5", verdict=verdict)]) for key, score, verdict in graded])
    found = of_people(report, q1=Graded(5, "yes"), q2=Graded(None, "yes"), q3=Graded(3, "yes"))
    by = {each.of: each for each in found.rows}
    assert (by["score"].answers, by["verdict"].answers) == (2, 3)
    assert by["verdict"].exact.value == pytest.approx(2 / 3)


def test_grades_on_different_scales_do_not_compare() -> None:
    first, second = a_report([an_item(grades=[a_grade(4)])]), a_report([an_item(grades=[a_grade(4, rubric="graded_1_10")])])
    with pytest.raises(CallerError, match="different scales"):
        compare(first, judge_of(first, "a"), judge_of(second, "b"))


def test_a_tie_of_score_and_length_is_reported_for_judges() -> None:
    report = a_report([an_item(f"q{n}", said="word " * n, grades=[a_grade(n)]) for n in range(1, 6)])
    (tie,) = of_people(report).lengths
    assert (tie.rubric, tie.answers, tie.spearman) == ("graded_1_5", 5, pytest.approx(1.0))


def test_labels_that_are_wrong_are_refused_and_counted(tmp_path: Path) -> None:
    text = "\ufeffquestion_id,score,verdict\nq1,4,YES\nq2,x,\nq3,,\n,3,\nq4,3,perhaps\nq5,1\nq6,1,no,more\nq7,2,\nq7,2,\nq8,,no\nq9,²,\n"
    found = labels(text, tmp_path)
    assert found.grades == {"q1": Graded(4, "yes"), "q8": Graded(None, "no")}
    assert found.refused == {
        "columns_differ": 2,
        "grade_missing": 1,
        "question_id_missing": 1,
        "question_repeated": 2,
        "score_not_whole": 2,
        "verdict_unknown": 1,
    }


@pytest.mark.parametrize("text", ["", "id,score\nq1,4\n", "question_id,grade\nq1,4\n", 'question_id,score\n"q1,4'])
def test_a_file_that_holds_no_labels_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(DataError) as raised:
        labels(text, tmp_path)
    assert raised.value.reason == "labels_unreadable"


def test_a_report_without_grades_and_a_judge_alone_are_said_in_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    file.write_text(a_report([an_item()]).model_dump_json())
    with pytest.raises(CallerError, match="holds no grade"):
        agree(str(file))
    file.write_text(a_report([an_item(grades=[a_grade(4)])]).model_dump_json())
    with pytest.raises(CallerError, match="has one judge"):
        agree(str(file))
    with pytest.raises(CallerError, match="There is no file"):
        agree(str(tmp_path / "none.json"))
    file.write_text('{"run": "a", "items": [')
    with pytest.raises(DataError, match="holds no report"):
        agree(str(file))


def test_the_command_compares_two_judges_of_one_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = a_large_report(200)
    assert judges_of(report) == ("judge-a", "judge-b")
    file = tmp_path / "report.json"
    file.write_text(report.model_dump_json())
    agree(str(file), json=True)
    said = json.loads(capsys.readouterr().out)
    assert [each["task"] for each in said["rows"]] == ["avdn", "avh_sound", "ssa", "tr_before_after", "all"]
    assert said["answers"] + said["ungraded"] == 200
    agree(str(file))
    shown = capsys.readouterr().out
    assert "judge-a in" in shown
    assert "answers graded by both" in shown.replace("\n", " ")
    assert "Spearman" in shown
