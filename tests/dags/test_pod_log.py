"""A pod's log, read again and again with an overlap: each line is passed on once, in order."""

import asyncio
from typing import Any

import pytest

from egoetl_airflow.pods import pod_following
from egoetl_airflow.pods.pod_following import _LogReader

SECOND = "2026-01-02T03:04:05"


class Answers:
    """A log that is asked for several times; None is a node that does not answer."""

    def __init__(self, *answers: list[str] | None) -> None:
        self.answers = list(answers)
        self.asked: list[int | None] = []

    async def log_lines(self, name: str, since_seconds: int | None) -> list[str] | None:
        self.asked.append(since_seconds)
        return self.answers.pop(0)


def passed_on(answers: Any, tries: int = 1) -> list[str]:
    lines: list[str] = []
    reader = _LogReader(answers, "p", lines.append)

    async def read() -> None:
        while answers.answers:
            await reader.read_new(tries)

    asyncio.run(read())
    return lines


def test_an_overlap_is_passed_on_once() -> None:
    first = [f"{SECOND}.000000001Z a", f"{SECOND}.100000000Z b"]
    assert passed_on(Answers(first, [*first, f"{SECOND}.200000000Z c"], first)) == ["a", "b", "c"]


def test_fractions_of_any_length_are_compared_as_times() -> None:
    assert passed_on(Answers([f"{SECOND}.1Z a"], [f"{SECOND}.1Z a", f"{SECOND}.12Z b"], [f"{SECOND}Z old", f"{SECOND}.2Z c"])) == [
        "a",
        "b",
        "c",
    ]


def test_lines_of_one_instant_are_all_passed_on() -> None:
    assert passed_on(Answers([f"{SECOND}Z a", f"{SECOND}Z b"])) == ["a", "b"]


def test_a_line_without_a_time_belongs_to_the_one_before() -> None:
    log = [f"{SECOND}Z Traceback", "  File x"]
    assert passed_on(Answers(log, [*log, f"{SECOND}.5Z end"])) == ["Traceback", "  File x", "end"]


def test_a_node_in_another_time_zone_is_no_matter() -> None:
    assert passed_on(Answers(["2026-01-02T05:04:05+02:00 a"], ["2026-01-02T03:04:05Z a", "2026-01-02T03:04:06Z b"])) == ["a", "b"]


def test_a_node_that_does_not_answer_at_the_end_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pod_following, "PAUSE_SECONDS", 0.01)
    answers = Answers([f"{SECOND}Z a"], None, None, [f"{SECOND}.5Z b"])
    assert passed_on(answers, tries=3) == ["a", "b"]
    assert answers.asked[0] is None
    assert None not in answers.asked[1:]
