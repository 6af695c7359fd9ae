"""A whole evaluation over an endpoint that answers as a script says: planned, asked, graded, scored, and gone on with."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import small_benchmark

from egoetl.benchmarks import index
from egoetl.core.settings import load_settings
from egoetl.runner.browse_page.opening import Predicted, open_named, videos_of
from egoetl.runner.tools import Tools
from egoetl.testing.chat_answers import Answer, Call, Failed, Said
from egoetl.testing.chat_server import ChatServer
from egoetl.testing.installation import Installation

pytestmark = pytest.mark.slow

COLOURS = {"task": "colour", "options": ["red", "blue"]}
ASKED: list[dict[str, Any]] = [
    {"id": "q1", "video": "attic.mp4", "start": 0, "end": 5000, "question": "q1?", "answer": "red", **COLOURS},
    {"id": "q2", "video": "attic.mp4", "start": 0, "end": 99_000, "question": "q2?", "answer": "red", **COLOURS},
    {"id": "q3", "video": "cellar.mp4", "start": 1000, "end": 3000, "task": "why", "question": "q3?", "answer": "because"},
    {"id": "bad", "video": "cellar.mp4"},
    {"id": "q4", "video": "cellar.mp4", "start": 0, "end": 2000, "question": "q4?", "answer": "blue", **COLOURS},
]
LOOK = "{ fps = 2.0, max_frames = 10, max_pixels = 100352, pictures = 'images', sound = 'separate' }"
Fault = Callable[[Call], Answer | None]


class Bench(NamedTuple):
    """The benchmark's data, the server that is asked, and the command line."""

    data: Path
    server: ChatServer
    egoetl: Callable[..., Any]
    tiny: Installation
    faults: list[Fault]

    def write(self, asked: list[dict[str, Any]]) -> None:
        self.data.mkdir(exist_ok=True)
        (self.data / "questions.jsonl").write_text("".join(json.dumps(each) + "\n" for each in asked))

    def run(self, *more: str, name: str = "run") -> Any:
        order = ["eval", "run", small_benchmark.NAME, "--data", str(self.data), "--videos", str(self.tiny.footage.folder)]
        return self.egoetl(*order, "--model", "answerer", "--name", name, *more, "--json")

    def asked(self) -> Counter[str]:
        """How often each question was asked of the model."""
        texts = [call.prompt.splitlines() for call in self.server.calls if call.body["model"] == "answerer"]
        return Counter(line for lines in texts for line in lines if line.endswith("?"))


@pytest.fixture
def bench(tiny: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, egoetl: Callable[..., Any]) -> Iterator[Bench]:
    monkeypatch.setitem(index._BENCHMARKS, small_benchmark.NAME, ("small_benchmark", "SMALL"))
    faults: list[Fault] = []

    async def answer(call: Call) -> str | Answer:
        for fault in faults:
            if (said := fault(call)) is not None:
                return said
        graded = json.dumps({"verdict": "yes", "score": 4, "reason": "It fits."})
        return Said(graded if call.body["model"] == "judge" else "A", model=call.body["model"])

    with ChatServer(answer, models=None) as server:
        file = tmp_path / "models.toml"
        lines = [f'[models.{name}]\nmodel = "{name}"\nrevision = "1"\nendpoint = "{server.endpoint}"' for name in ("judge", "answerer")]
        file.write_text("\n".join([*lines, f"look = {LOOK}"]))
        settings = {name: value for name, value in tiny.environment.items() if name.startswith("EGOETL_")} | {"EGOETL_MODELS": str(file)}
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        made = Bench(tmp_path / "data", server, egoetl, tiny, faults)
        made.write(ASKED)
        yield made
        assert server.failures == []


def scores(report: dict[str, Any]) -> dict[tuple[str, str], tuple[float | None, int, int]]:
    return {(each["measure"], each["task"]): (each["value"], each["scored"], each["total"]) for each in report["scores"]}


def by_id(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["question"]["question_id"]: each for each in report["items"]}


def test_questions_are_asked_graded_and_scored_and_a_bad_row_is_counted(bench: Bench) -> None:
    ended = bench.run("--judge", "judge")
    assert ended.code == 0, ended.err
    report = ended.report
    assert scores(report) == {
        ("accuracy", "all"): (pytest.approx(2 / 3), 3, 3),
        ("accuracy", "colour"): (pytest.approx(2 / 3), 3, 3),
        ("grade", "all"): (0.8, 1, 1),
        ("grade", "why"): (0.8, 1, 1),
    }
    assert (report["counts"]["answered"], report["refused"]) == (4, {"row_malformed": 1})
    assert (report["model"], report["judges"]) == ("answerer@1", ["judge@1"])
    why = by_id(report)["q3"]
    assert why["said"] == ["A", "A"]
    assert [(each["judge"], each["score"]) for each in why["grades"]] == [("judge@1", 4)]
    assert why["uri"] == "cellar.mp4"
    # The second turn repeats the first.
    assert bench.asked() == {"q1?": 1, "q2?": 1, "q3?": 2, "q4?": 1}
    found = bench.tiny.rows("SELECT measure, task, round(value::numeric, 2)::text, coverage::text FROM eval_scores ORDER BY 1, 2")
    assert found == [
        ("accuracy", "all", "66.67", "1.0000"),
        ("accuracy", "colour", "66.67", "1.0000"),
        ("grade", "all", "0.80", "1.0000"),
        ("grade", "why", "0.80", "1.0000"),
    ]
    assert bench.tiny.rows("SELECT build_state::text, answered, blocked FROM eval_runs") == [("succeeded", 4, 0)]


def test_a_run_is_shown_with_its_own_videos_and_a_judge_that_looks_twice_may_disagree_with_itself(bench: Bench, tmp_path: Path) -> None:
    shown_first: list[str] = []

    def torn(call: Call) -> Answer | None:
        if call.body["model"] != "judge":
            return None
        first = "reference" if call.prompt.index("Reference answer:") < call.prompt.index("Answer of the model:") else "prediction"
        shown_first.append(first)
        score, verdict = (4, "yes") if first == "reference" else (1, "no")
        return Said(json.dumps({"verdict": verdict, "score": score, "reason": "It depends."}), model="judge")

    bench.faults.append(torn)
    ended = bench.run("--judge", "judge", "--set", "judge.both_orders=true")
    assert ended.code == 0, ended.err
    assert shown_first == ["reference", "prediction"]
    grades = by_id(ended.report)["q3"]["grades"]
    assert [(each["score"], each["order"], each["consistent"]) for each in grades] == [
        (4, "reference_first", False),
        (1, "prediction_first", False),
    ]
    page = tmp_path / "page.html"
    written = bench.egoetl("eval", "report", "run", "--html", str(page), "--videos", str(bench.tiny.footage.folder), "--json")
    assert written.code == 0, written.err
    assert written.report["pictures"] > 0
    assert "when the judge saw the two answers in swapped order: 1." in page.read_text()
    assert bench.egoetl("eval", "report", "no-such-run", "--html", str(page)).code == 64
    tools = Tools(load_settings())
    assert videos_of(tools, ["run"]) == str(bench.tiny.footage.folder)
    assert open_named(tools, "run", Predicted()).run == "run"


def test_a_question_is_shown_its_window_within_the_benchmarks_limits(bench: Bench) -> None:
    assert bench.run().code == 0
    shown = {call.prompt.splitlines()[-2]: _pictures(call) for call in bench.server.calls if len(call.body["messages"]) == 2}
    assert shown["q1?"] == ["0.00 s", "1.00 s", "2.00 s", "3.00 s"]  # 5 s, and at most 4 pictures: at 0, 1.25, 2.5 and 3.75 s
    assert shown["q4?"] == ["0.00 s", "1.00 s"]


def _pictures(call: Call) -> list[str]:
    (content,) = [each["content"] for each in call.body["messages"] if each["role"] == "user"]
    return [part["text"] for part in content if part["type"] == "text"][:-1]


def test_running_again_asks_nothing_and_gives_the_same_bytes(bench: Bench) -> None:
    first = bench.run("--judge", "judge")
    calls = len(bench.server.calls)
    again = bench.run("--judge", "judge")
    assert (again.code, again.report) == (0, first.report)
    other = bench.run("--judge", "judge", name="other")
    assert {**other.report, "run": "run"} == first.report
    assert len(bench.server.calls) == calls
    assert (
        len(
            bench.tiny.rows(
                "SELECT DISTINCT predictions_sha FROM (SELECT encode(predictions, 'hex') AS predictions_sha FROM eval_run) AS x"
            )
        )
        == 1
    )


def test_one_question_that_is_edited_is_asked_again_alone(bench: Bench) -> None:
    bench.run()
    asked = bench.asked()
    edited = [{**each, "question": "q2b?"} if each["id"] == "q2" else each for each in ASKED]
    bench.write(edited)
    taken = bench.run()
    assert taken.code == 64
    assert "planned with another manifest" in taken.err
    assert bench.run(name="edited").code == 0
    assert bench.asked() - asked == {"q2b?": 1}


def test_a_larger_limit_asks_only_what_is_new(bench: Bench) -> None:
    few = bench.run("--limit", "1", name="few")
    assert few.code == 0
    assert bench.asked() == {"q1?": 1}
    assert bench.run(name="all").code == 0
    assert bench.asked() == {"q1?": 1, "q2?": 1, "q3?": 2, "q4?": 1}


def test_what_fails_is_scored_as_such_and_the_run_is_red_until_it_is_mended(bench: Bench) -> None:
    bench.faults.append(lambda call: Failed(400) if "q4?" in call.prompt else None)
    bench.write([*ASKED, {"id": "lost", "video": "away.mp4", "start": 0, "end": 9, "question": "lost?", "answer": "red", **COLOURS}])
    ended = bench.run("--set", "max_tries=1")
    assert ended.code == 65
    assert "Coverage 0.6000 is below the floor 1: 2 of 5 questions have no answer or no grade (1 failed, 1 could not be asked" in ended.err
    report = ended.report
    assert scores(report)["accuracy", "all"] == (1.0, 2, 4)
    assert [each["missing_as_zero"] for each in report["scores"] if (each["measure"], each["task"]) == ("accuracy", "all")] == [0.5]
    assert {each: by_id(report)[each]["status"] for each in ("q4", "lost", "q1")} == {"q4": "failed", "lost": "blocked", "q1": "answered"}
    assert by_id(report)["lost"]["reason"] == "video_missing"
    assert bench.tiny.rows("SELECT build_state::text, failed, blocked FROM eval_runs") == [("failed", 1, 1)]
    bench.faults.clear()
    asked = bench.asked()
    again = bench.run("--set", "max_tries=1")
    assert again.code == 65
    assert bench.asked() - asked == {"q4?": 1}
    assert bench.run("--set", "max_tries=1", "--set", "floor=0.8", name="lower").code == 0


def test_a_judge_that_fails_leaves_no_grade_and_no_zero(bench: Bench) -> None:
    bench.faults.append(lambda call: Said("I cannot say.", model="judge") if call.body["model"] == "judge" else None)
    ended = bench.run("--judge", "judge")
    assert ended.code == 65
    assert "1 were not graded" in ended.err
    assert scores(ended.report)["grade", "all"] == (None, 0, 1)
    assert by_id(ended.report)["q3"]["reason"] == "reply_off_schema"


def test_nobody_judges_unless_asked_and_the_report_says_so(bench: Bench) -> None:
    ended = bench.run()
    assert ended.code == 0
    assert any("1 of 4 questions have no grade" in each for each in ended.report["notes"])
    assert {call.body["model"] for call in bench.server.calls} == {"answerer"}


def test_a_question_beyond_the_videos_end_is_blocked(bench: Bench) -> None:
    bench.write(
        [*ASKED, {"id": "late", "video": "attic.mp4", "start": 50_000, "end": 60_000, "question": "late?", "answer": "red", **COLOURS}]
    )
    ended = bench.run()
    assert ended.code == 65
    assert (by_id(ended.report)["late"]["status"], by_id(ended.report)["late"]["reason"]) == ("blocked", "window_past_end")


def test_pictures_that_options_are_are_known_by_their_bytes(bench: Bench) -> None:
    for name in ("red.png", "blue.png"):
        (bench.data / name).write_bytes(b"\x89PNG\r\n\x1a\n" + name.encode())
    asked = [{**ASKED[0], "pictures": ["red.png", "blue.png"]}, {**ASKED[1], "pictures": ["red.png", "away.png"]}]
    bench.write(asked)
    ended = bench.run()
    assert (ended.code, ended.report["refused"]) == (0, {"picture_missing": 1})
    (call,) = bench.server.calls
    assert json.dumps(call.body["messages"]).count("data:image/png") == 2
    assert bench.egoetl("store", "gc", "--older-than-hours", "0", "--json").report["orphans"] == []


def test_the_file_of_models_names_who_answers_and_grades_and_who_thinks(bench: Bench, tmp_path: Path) -> None:
    file = tmp_path / "models.toml"
    file.write_text(file.read_text() + '\nthinks = true\n[roles]\nmodel = "answerer"\njudge = "judge"\n')
    order = ["eval", "run", small_benchmark.NAME, "--data", str(bench.data), "--videos", str(bench.tiny.footage.folder)]
    ended = bench.egoetl(*order, "--judge", "default", "--json")
    assert ended.code == 0, ended.err
    assert (ended.report["model"], ended.report["judges"]) == ("answerer@1", ["judge@1"])
    room = {call.body["model"]: call.body.get("max_tokens") or call.body["max_completion_tokens"] for call in bench.server.calls}
    assert room == {"answerer": 64 + 2048, "judge": 512}


def test_scores_are_joined_to_the_version_that_the_model_was_trained_on_and_go_with_their_build(bench: Bench) -> None:
    assert bench.run(name="first").code == 0
    bench.tiny.rows(
        "INSERT INTO dataset_version (dataset, number, build_seq, manifest_sha256, path, state, counts)"
        " VALUES ('egoavu', 3, 1, decode(repeat('ab', 32), 'hex'), 'versions/egoavu/x', 'published', '{}') RETURNING number"
    )
    assert bench.run("--trained-on", "egoavu@3", name="second").code == 0
    found = bench.tiny.rows(
        "SELECT run, trained_on, trained_on_number, trained_on_state::text FROM eval_scores WHERE measure = 'accuracy' AND task = 'all'"
        " ORDER BY run"
    )
    assert found == [("first", None, None, None), ("second", "egoavu", 3, "published")]
    assert bench.egoetl("build", "drop", "second").code == 0
    assert bench.tiny.rows("SELECT run FROM eval_runs") == [("first",)]


def test_a_url_names_an_endpoint(bench: Bench) -> None:
    order = ["eval", "run", small_benchmark.NAME, "--data", str(bench.data), "--videos", str(bench.tiny.footage.folder)]
    ended = bench.egoetl(*order, "--model", f"{bench.server.endpoint}#answerer@2", "--json")
    assert ended.code == 0, ended.err
    assert ended.report["model"] == "answerer@2"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--trained-on", "egoavu@7"], "there is no dataset egoavu"),
        (["--set", "trained_on=egoavu"], "there is no dataset egoavu"),
        (["--judge", "judge", "--set", "role.judge=judge"], "both given"),
        (["--set", "predict.frames=3"], "the stage's parameters are max_frames"),
    ],
)
def test_mistakes_are_told_before_anything_is_asked(bench: Bench, more: list[str], said: str) -> None:
    ended = bench.run(*more)
    assert ended.code == 64
    assert said in ended.err
    assert bench.server.calls == []


def test_without_a_model_it_is_told_how_to_name_one(bench: Bench) -> None:
    ended = bench.egoetl("eval", "run", small_benchmark.NAME, "--data", str(bench.data))
    assert ended.code == 64
    assert "give --model" in ended.err


def test_a_recipe_that_evaluates_is_no_build_over_a_manifest(bench: Bench) -> None:
    ended = bench.egoetl("build", "run", f"eval_{small_benchmark.NAME}", "--manifest", "m.csv", "--videos", str(bench.data))
    assert ended.code == 64
    assert f"egoetl eval run {small_benchmark.NAME}" in ended.err
