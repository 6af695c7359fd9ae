"""A whole evaluation over an endpoint that answers as a script says: planned, asked, graded, scored, and gone on with."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import small_benchmark

from egoetl.benchmarks import index
from egoetl.testing.chat_answers import Answer, Call, Failed
from egoetl.testing.chat_server import ChatServer
from egoetl.testing.installation import Installation

pytestmark = pytest.mark.slow

ASKED = "\n".join(
    json.dumps(each)
    for each in (
        {"id": "q1", "video": "attic.mp4", "start": 0, "end": 5000, "task": "colour", "question": "q1?", "options": ["red", "blue"], "answer": "red"},
        {"id": "q2", "video": "attic.mp4", "start": 0, "end": 99000, "task": "colour", "question": "q2?", "options": ["red", "blue"], "answer": "red"},
        {"id": "q3", "video": "cellar.mp4", "start": 1000, "end": 3000, "task": "why", "question": "q3?", "answer": "because"},
        {"id": "bad", "video": "cellar.mp4"},
        {"id": "q4", "video": "cellar.mp4", "start": 0, "end": 2000, "task": "colour", "question": "q4?", "options": ["red", "blue"], "answer": "blue"},
    )
)  # fmt: skip


class Bench(NamedTuple):
    """The command line, and the server that it asks."""

    run: Callable[..., Any]
    server: ChatServer
    data: Path

    def calls(self) -> list[str]:
        return [call.request_id for call in self.server.calls]


async def answer(call: Call) -> str | Answer:
    """A, and yes to whatever is to be graded."""
    if call.body["model"] == "judge":
        return json.dumps({"verdict": "yes", "score": 4, "reason": "It fits."})
    return "A"


@pytest.fixture
def bench(
    tiny: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, egoetl: Callable[..., Any]
) -> Iterator[Bench]:
    monkeypatch.setitem(index._BENCHMARKS, small_benchmark.NAME, ("small_benchmark", "SMALL"))
    data = tmp_path / "data"
    data.mkdir()
    (data / "questions.jsonl").write_text(ASKED)
    with ChatServer(answer, models=("answerer", "judge")) as server:
        file = tmp_path / "models.toml"
        look = "{ fps = 1.0, max_frames = 10, max_pixels = 100352, pictures = 'images' }"
        file.write_text(
            f'[models.answerer]\nmodel = "answerer"\nrevision = "1"\nendpoint = "{server.endpoint}"\nlook = {look}\n'
            f'[models.judge]\nmodel = "judge"\nrevision = "1"\nendpoint = "{server.endpoint}"\n'
        )
        settings = {name: value for name, value in tiny.environment.items() if name.startswith("EGOETL_")} | {"EGOETL_MODELS": str(file)}

        def run(*more: str, name: str = "run") -> Any:
            order = ["eval", "run", small_benchmark.NAME, "--data", str(data), "--videos", str(tiny.footage.folder), "--model", "answerer"]
            return egoetl(*order, "--name", name, *more, **settings)

        yield Bench(run, server, data)


def test_it_runs(bench: Bench) -> None:
    ended = bench.run("--judge", "judge", "--json")
    assert ended.code == 0, ended.err
    report = ended.report
    assert report["counts"]["answered"] == 4
