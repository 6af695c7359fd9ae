"""What the page gets of a report."""

from egoetl.runner.browse_page.opened import OpenReports
from egoetl.runner.browse_page.opening import safe_name, short_name
from egoetl.runner.browse_page.payload import asked_at, payload
from egoetl.testing.reports import a_grade, a_report, an_item


def ends(*items) -> dict[str, tuple[float, float]]:
    return {each["name"]: (each["low"], each["high"]) for each in payload(a_report(items), lambda _: 0)["measures"]}


def test_questions_are_asked_at_the_end_where_windows_begin_together_and_end_apart() -> None:
    causal = [an_item("q1", window=(0, 4_000)), an_item("q2", window=(0, 9_000)), an_item("q3", video="v2", window=(0, 2_000))]
    assert asked_at(causal) == "end"
    assert asked_at([an_item("q1", window=(0, 4_000)), an_item("q2", window=(4_000, 9_000))]) == "window"
    assert asked_at([an_item("q1", window=(0, 4_000)), an_item("q2", video="v2", window=(0, 9_000))]) == "window"
    assert asked_at([*causal, an_item("q4", video="v3", window=(0, 1)), an_item("q5", video="v3", window=(1, 2))]) == "window"


def test_a_scale_is_that_of_shares_of_the_rubric_or_from_0_to_the_most() -> None:
    assert ends(an_item(values={"accuracy": 0.25})) == {"accuracy": (0.0, 1.0)}
    graded = an_item("q1", grades=[a_grade(3)], values={"judge_1_5": 3.0, "cider": 7.5})
    assert ends(graded) == {"judge_1_5": (1.0, 5.0), "cider": (0.0, 7.5)}
    assert ends(an_item(values={"accuracy": None})) == {"accuracy": (0.0, 1.0)}


def test_repeated_questions_stay_apart_and_videos_are_numbered_by_address() -> None:
    reports = OpenReports()
    items = [
        an_item("q1", question="Where?", uri="a.mp4"),
        an_item("q2", question="Where?", uri="a.mp4"),
        an_item("q3", question="Where?", uri="b.mp4"),
    ]
    first, second = reports.add(a_report(items), "a"), reports.add(a_report(items), "a")
    assert (first.number, second.number) == (0, 1)
    found = payload(a_report(items), lambda item: len(item.question.question_id))["items"]
    assert [each["id"] for each in found] == ["q1", "q2", "q3"]
    assert [reports.video(number) for number in range(3)] == [items[0], items[2], None]


def test_an_uploaded_name_is_no_path() -> None:
    assert [safe_name(each) for each in ("../../etc/passwd", "", ".", "-rf", "a b.json", "x" * 300)] == [
        "_.._.._etc_passwd", "_", "_.", "_-rf", "a_b.json", "x" * 100,
    ]  # fmt: skip


def test_files_are_called_by_their_names_unless_two_have_the_same() -> None:
    assert short_name("/a/b/c.json", ["/a/b/c.json", "run-1"]) == "c.json"
    assert short_name("/a/c.json", ["/a/c.json", "/b/c.json"]) == "/a/c.json"
    assert short_name("run-1", ["run-1"]) == "run-1"
