"""ST-Evidence's fixtures end to end, over an endpoint that knows every answer: what it is shown, asked and scored."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from benchmark_fixtures import FIXTURES, lay_out

from egoetl.benchmarks.index import load
from egoetl.core.evaluation import Question
from egoetl.testing.benchmark_data import FolderData
from egoetl.testing.chat_answers import Call
from egoetl.testing.chat_server import ChatServer
from egoetl.testing.installation import Installation

pytestmark = pytest.mark.slow

LOOK = "{ fps = 1.0, max_frames = 256, max_pixels = 100352, pictures = 'images' }"
TURNS = {"One option is right. For now": "answer", "When does the video show": "segments", "Which things does one have": "expressions"}


class Bench(NamedTuple):
    """The server that is asked, and the command that asks it about a benchmark."""

    server: ChatServer
    run: Callable[..., Any]


@pytest.fixture
def bench(tiny: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, egoetl: Callable[..., Any]) -> Iterator[Bench]:
    known = {name: questions(name) for name in ("st_evidence_gen", "st_evidence_mcq")}

    async def answer(call: Call) -> str:
        return right(known, call)

    with ChatServer(answer, models=["answerer"]) as server:
        file = tmp_path / "models.toml"
        file.write_text(f'[models.answerer]\nmodel = "answerer"\nrevision = "1"\nendpoint = "{server.endpoint}"\nlook = {LOOK}\n')
        for name, value in tiny.environment.items():
            if name.startswith("EGOETL_"):
                monkeypatch.setenv(name, value)
        monkeypatch.setenv("EGOETL_MODELS", str(file))

        def run(benchmark: str, *more: str) -> Any:
            data = lay_out(benchmark, tmp_path / benchmark)
            return egoetl(
                "eval", "run", benchmark, "--data", str(data), "--model", "answerer", "--name", f"{benchmark}-run", *more, "--json"
            )

        yield Bench(server, run)
        assert server.failures == []


def questions(benchmark: str) -> list[Question]:
    return [each.question for each in load(benchmark).load(FolderData(FIXTURES / benchmark)).questions]


def right(known: dict[str, list[Question]], call: Call) -> str:
    """The right answer to the last thing that is asked; of a question with pictures, the one that is not shown first is preferred."""
    last = text_of(call.body["messages"][-1])
    benchmark = "st_evidence_mcq" if call.request_id.startswith("st_evidence_mcq") else "st_evidence_gen"
    asked = next(
        each for each in known[benchmark] if each.question in last and call.request_id.split("/")[0].endswith(prompt_of(each, last))
    )
    letter = "ABCDEF"[asked.reference.choice or 0]
    turn = next((name for beginning, name in TURNS.items() if beginning in last), None)
    if benchmark == "st_evidence_mcq" or turn == "answer":
        return f"({letter})"
    if turn == "segments":
        return json.dumps(asked.reference.spans)
    if turn == "expressions":
        return '["the box"]'
    return json.dumps({"answer": letter, "segments": asked.reference.spans, "referring_expressions": ["the box"]})


def prompt_of(question: Question, last: str) -> str:
    """How the task of a question's prompt ends."""
    return question.task if question.benchmark == "st_evidence_mcq" else next((v for k, v in TURNS.items() if k in last), "single_turn")


def text_of(message: dict[str, Any]) -> str:
    content = message["content"]
    return content if isinstance(content, str) else "\n".join(part["text"] for part in content if part["type"] == "text")


def scores(report: dict[str, Any]) -> dict[tuple[str, str], tuple[float | None, int, int]]:
    return {(each["measure"], each["task"]): (each["value"], each["scored"], each["total"]) for each in report["scores"]}


def test_multiple_choice_shows_pictures_behind_their_letters_and_scores_each_task(bench: Bench) -> None:
    ended = bench.run("st_evidence_mcq")
    assert ended.code == 0, ended.err
    found = scores(ended.report)
    assert {task: value for (name, task), value in found.items() if name == "accuracy"} == {
        "all": (1, 21, 21), "qa": (1, 9, 9), "time_evidence": (1, 6, 6), "spatial_evidence": (1, 6, 6),
    }  # fmt: skip
    assert found["accuracy_mean_of_tasks", "all"] == (1, 21, 21)
    assert sum(ended.report["refused"].values()) == 17
    shown = [call for call in bench.server.calls if "pictures from the video" in call.prompt]
    assert len(shown) == 6
    parts = shown[0].body["messages"][-1]["content"]
    kinds = [part["text"] if part["type"] == "text" else part["type"] for part in parts]
    assert kinds[-8:] == ["A.", "image_url", "B.", "image_url", "C.", "image_url", "D.", "image_url"]
    assert kinds[-9].startswith("The video lasts")
    assert len({part["image_url"]["url"] for part in parts[-7::2]}) == 4
    assert all(part["image_url"]["url"].startswith("data:image/png;base64,") for part in parts[-7::2])
    assert kinds[:-9:2] == [f"{second}.00 s" for second in range(len(kinds[:-9]) // 2)]
    assert len(kinds[:-9]) // 2 in (14, 25), "one picture a second"


@pytest.mark.parametrize(("more", "turns"), [((), 1), (("--set", "predict.dialogue=multi_turn"), 3)])
def test_generation_in_one_turn_and_in_three_comes_to_the_same(bench: Bench, more: tuple[str, ...], turns: int) -> None:
    ended = bench.run("st_evidence_gen", *more)
    assert ended.code == 0, ended.err
    found = scores(ended.report)
    assert {found[name, "all"] for name in ("accuracy", "miou", "miop", "t_mean", "tiou_at_0_5", "joint")} == {(1, 8, 8)}
    assert found["j_and_f", "all"][0] is None
    assert any("no predicted masks were given" in each or "no masks of the benchmark" in each for each in ended.report["notes"])
    items = ended.report["items"]
    assert [len(each["said"]) for each in items] == [turns] * 8
    assert {tuple(each["parsed"]["expressions"]) for each in items} == {("the box",)}
    assert Counter(len(call.body["messages"]) for call in bench.server.calls) == {2 * turn: 8 for turn in range(1, turns + 1)}
    for call in bench.server.calls:
        assert "response_format" not in call.body
        media = [index for index, each in enumerate(call.body["messages"]) if isinstance(each["content"], list)]
        assert media == [1], "the video stands in the first turn"
        assert re.search(r"The video lasts (14|24\.5) seconds", call.prompt)


def test_a_dialogue_that_is_none_is_refused(bench: Bench) -> None:
    ended = bench.run("st_evidence_gen", "--set", "predict.dialogue=two_turns")
    assert ended.code == 78
    assert "there are: multi_turn, single_turn" in ended.err
