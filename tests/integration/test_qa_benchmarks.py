"""EgoAVU-Bench, EgoTextVQA and EgoTempo from their published forms to a report, over an endpoint that knows the answers."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from benchmark_fixtures import lay_out

from egoetl.benchmarks.egoavu_bench import narrations
from egoetl.benchmarks.index import load
from egoetl.core.errors import ConfigError
from egoetl.core.evaluation import Question
from egoetl.testing.benchmark_data import FolderData
from egoetl.testing.chat_answers import Answer, Call, Said
from egoetl.testing.chat_server import ChatServer
from egoetl.testing.installation import Installation

pytestmark = pytest.mark.slow

LOOK = "{ fps = 2.0, max_frames = 10, max_pixels = 100352, pictures = 'images', sound = 'separate' }"
GRADES = {"graded_1_5": {"score": 4, "reason": "Close."}, "yes_no_0_5": {"verdict": "yes", "score": 5, "reason": "The same."}}


class Run(NamedTuple):
    """A benchmark's questions by id, what was shown with each text of a question, each time that it was asked, and the report."""

    questions: dict[str, Question]
    shown: dict[str, list[list[str]]]
    report: dict[str, Any]

    @property
    def outcome(self) -> tuple[int, int]:
        """How many questions were answered, and how many rows refused."""
        return self.report["counts"]["answered"], sum(self.report["refused"].values())

    def score(self, measure: str, task: str = "all") -> tuple[float | None, int, int]:
        return next(
            (each["value"], each["scored"], each["total"])
            for each in self.report["scores"]
            if (each["measure"], each["task"]) == (measure, task)
        )


@pytest.fixture
def run(
    request: pytest.FixtureRequest, tiny: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, egoetl: Callable[..., Any]
) -> Iterator[Run]:
    benchmark, data = load(request.param), lay_out(request.param, tmp_path / "data")
    monkeypatch.setattr(narrations, "meteor_scores", _no_tables)
    questions = {each.question.question_id: each.question for each in benchmark.load(FolderData(data)).questions}
    shown: dict[str, list[list[str]]] = {each.question: [] for each in questions.values()}

    async def answer(call: Call) -> str | Answer:
        if call.body["model"] == "judge":
            rubric = "yes_no_0_5" if "verdict" in call.prompt else "graded_1_5"
            return Said(json.dumps(GRADES[rubric]), model="judge")
        asked = next(each for each in questions.values() if f"\n{each.question}\n" in call.prompt)
        shown[asked.question].append(_media(call))
        return Said(_right(asked), model="answerer")

    with ChatServer(answer, models=None) as server:
        file = tmp_path / "models.toml"
        lines = [f'[models.{name}]\nmodel = "{name}"\nrevision = "1"\nendpoint = "{server.endpoint}"' for name in ("judge", "answerer")]
        file.write_text("\n".join([*lines, f"look = {LOOK}"]))
        for name, value in (tiny.environment | {"EGOETL_MODELS": str(file)}).items():
            if name.startswith("EGOETL_"):
                monkeypatch.setenv(name, value)
        ended = egoetl(
            "eval", "run", benchmark.name, "--data", str(data), "--model", "answerer", "--judge", "judge", "--name", "run", "--json"
        )
        assert ended.code == 0, ended.err
        assert server.failures == []
        yield Run(questions, shown, ended.report)


def _no_tables(*_: object) -> list[float]:
    raise ConfigError("METEOR 1.5 needs tables that are missing.", reason="meteor_missing")


def _media(call: Call) -> list[str]:
    """The times of the pictures that a request shows, and `sound` where it has any."""
    (content,) = [each["content"] for each in call.body["messages"] if each["role"] == "user"]
    return [part["text"] if part["type"] == "text" else "sound" for part in content[:-1] if part["type"] in ("text", "input_audio")]


def _right(question: Question) -> str:
    choice = question.reference.choice
    return question.reference.answer if choice is None else f"({'ABCDEF'[choice]})"


def _last_s(media: list[str]) -> float:
    return max(float(each.removesuffix(" s")) for each in media if each != "sound")


@pytest.mark.parametrize("run", ["egoavu_bench"], indirect=True)
def test_egoavu_bench(run: Run) -> None:
    assert run.outcome == (24, 14)
    assert run.score("accuracy") == (1.0, 15, 15)
    assert run.score("accuracy", "avh") == (1.0, 9, 9)
    assert run.score("rouge_l") == (1.0, 6, 6)
    assert run.score("meteor_1_5") == (None, 0, 6)
    assert run.score("judge_1_5") == (4.0, 9, 9)
    assert any("tables" in each for each in run.report["notes"])
    assert all("sound" in media for each in run.shown.values() for media in each)


@pytest.mark.parametrize("run", ["egotextvqa"], indirect=True)
def test_egotextvqa(run: Run) -> None:
    assert run.outcome == (35, 16)
    assert run.score("judge_yes") == (1.0, 35, 35)
    assert [run.score("judge_0_5", subset) for subset in ("indoor", "outdoor")] == [(5.0, 18, 18), (5.0, 17, 17)]
    ends: dict[str, list[float]] = {}
    for each in run.questions.values():
        ends.setdefault(each.question, []).append(each.end_ms / 1000)
    assert {text: len(each) for text, each in run.shown.items()} == {text: len(each) for text, each in ends.items()}
    for text, each in run.shown.items():
        # Nothing that came when the question was asked, or later; at most half a second before it, the pictures' distance.
        assert all(0 < end - last <= 0.5 for last, end in zip(sorted(map(_last_s, each)), sorted(ends[text]), strict=True))
    assert not any("sound" in media for each in run.shown.values() for media in each)


@pytest.mark.parametrize("run", ["egotempo"], indirect=True)
def test_egotempo(run: Run) -> None:
    assert run.outcome == (30, 9)
    assert run.score("judge_yes") == (1.0, 30, 30)
    assert run.score("exact_match") == (1.0, 30, 30)
    assert {len(media) for each in run.shown.values() for media in each} == {32}
