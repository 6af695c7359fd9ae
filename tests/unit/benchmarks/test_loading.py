import csv
import io
import json
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from benchmark_fixtures import FIXTURES, VIDEOS, lay_out

from egoetl.benchmarks.benchmark import BenchmarkData, Loaded
from egoetl.benchmarks.egoavu_bench import loading as egoavu_bench
from egoetl.benchmarks.egotempo import loading as egotempo
from egoetl.benchmarks.egotextvqa import loading as egotextvqa
from egoetl.core.errors import DataError
from egoetl.core.evaluation import Question, Reference
from egoetl.testing.benchmark_data import FolderData

LOADERS: dict[str, Callable[[BenchmarkData], Loaded]] = {
    "egoavu_bench": egoavu_bench.load,
    "egotempo": egotempo.load,
    "egotextvqa": egotextvqa.load,
}
REFUSED = {
    "egoavu_bench": [
        "window_inverted",
        "time_not_a_number",
        "category_unknown",
        "path_escapes_root",
        "field_empty",
        "answer_not_yes_or_no",
        "answer_not_an_option",
        "duplicate_question",
        "field_has_control_character",
        "field_too_long",
        "fields_too_many",
        "field_missing",
        "field_not_utf8",
        "quotes_unpaired",
    ],
    "egotextvqa": [
        "duplicate_question",
        "time_not_a_number",
        "time_not_a_number",
        "nothing_before_question",
        "category_unknown",
        "path_escapes_root",
        "field_empty",
        "field_not_text",
        "field_missing",
        "field_too_long",
        "not_an_object",
        "not_json",
        "duplicate_question",
        "category_unknown",
        "not_an_object",
        "field_missing",
    ],
    "egotempo": [
        "duplicate_question",
        "clip_id_malformed",
        "window_inverted",
        "path_escapes_root",
        "category_unknown",
        "field_empty",
        "field_missing",
        "not_an_object",
        "field_not_text",
    ],
}


def loaded(benchmark: str) -> Loaded:
    return LOADERS[benchmark](FolderData(FIXTURES / benchmark))


def questions(result: Loaded) -> dict[str, Question]:
    return {each.question.question_id: each.question for each in result.questions}


@pytest.mark.parametrize("benchmark", LOADERS)
def test_every_malformed_row_of_the_fixture_is_refused_and_no_other(benchmark: str) -> None:
    refused = loaded(benchmark).refused
    assert [each.reason for each in refused] == REFUSED[benchmark]
    assert all(f"{each.row} of " in each.message for each in refused)


@pytest.mark.parametrize("benchmark", LOADERS)
def test_every_task_of_the_fixture_has_three_questions_over_two_videos(benchmark: str) -> None:
    videos: dict[str, list[str]] = defaultdict(list)
    for each in questions(loaded(benchmark)).values():
        videos[each.task].append(each.video_id)
    assert {task: (len(each) >= 3, len(set(each)) >= 2) for task, each in videos.items()} == dict.fromkeys(videos, (True, True))


@pytest.mark.parametrize("benchmark", LOADERS)
def test_every_video_that_is_asked_about_lies_where_the_layout_says(benchmark: str, tmp_path: Path) -> None:
    folder = lay_out(benchmark, tmp_path / "data")
    result = LOADERS[benchmark](FolderData(folder))
    assert {each.uri for each in result.questions} == VIDEOS[benchmark].keys()
    assert all((folder / each.uri).is_file() for each in result.questions)


@pytest.mark.parametrize("benchmark", LOADERS)
def test_loading_twice_gives_the_same(benchmark: str) -> None:
    assert loaded(benchmark) == loaded(benchmark)


@pytest.mark.parametrize("benchmark", LOADERS)
def test_a_folder_without_the_files_says_what_to_get(benchmark: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="https://") as caught:
        LOADERS[benchmark](FolderData(tmp_path))
    assert caught.value.reason == "benchmark_file_missing"


def test_egoavu_bench_reads_windows_and_answers_by_task() -> None:
    by_task: dict[str, list[Question]] = defaultdict(list)
    for each in questions(loaded("egoavu_bench")).values():
        by_task[each.task].append(each)
    assert set(by_task) == {
        *("ssa", "avdn", "avsn", "tr/before_after", "tr/event_ordering", "avh/action", "avh/object", "avh/sound"),
    }
    assert {each.reference.answer for task in by_task if task.startswith("avh") for each in by_task[task]} == {"yes", "no"}
    assert [each.reference.choice for each in by_task["tr/event_ordering"]] == [1, 2, 1]
    assert [(each.start_ms, each.end_ms) for each in by_task["avsn"]] == [(0, 14_000), (0, 24_500), (12_000, 24_500)]
    told = by_task["avdn"][0]
    assert "\n" in told.reference.answer
    assert told.options == ()


def test_egoavu_bench_gives_options_that_lack_the_answer_the_answer() -> None:
    asked = next(each for each in questions(loaded("egoavu_bench")).values() if "pink ball leaves?" in each.question)
    assert Counter(asked.options) == Counter(
        ("the orange box enters", "the blue box moves left for the first time", "the green ball enters", "the pink ball moves right")
    )
    assert asked.reference == Reference(answer="the orange box enters", choice=asked.options.index("the orange box enters"))


@pytest.mark.parametrize("answer", ["", "x", '{"answer": ""}', '{"options": ["a", "b"]}', "[1]", "3", '{"answer": "a", "options": 7}'])
def test_egoavu_bench_takes_an_answer_that_is_no_object_as_it_stands(tmp_path: Path, answer: str) -> None:
    result = LOADERS["egoavu_bench"](FolderData(egoavu_csv(tmp_path, ["v", 0, 1, "Before or after?", answer, "tr"])))
    assert [each.question.reference for each in result.questions] == ([Reference(answer=answer)] if answer else [])


@pytest.mark.parametrize("spelling", ["AVH", "avh", "Avh "])
def test_egoavu_bench_keeps_the_coarse_task_where_the_category_is_coarse(tmp_path: Path, spelling: str) -> None:
    result = LOADERS["egoavu_bench"](FolderData(egoavu_csv(tmp_path, ["v", 0, 1.5, "Is it?", "no.", spelling])))
    assert [(each.question.task, each.question.reference.answer) for each in result.questions] == [("avh", "no")]


def egoavu_csv(folder: Path, *rows: list[Any]) -> Path:
    with (folder / egoavu_bench.FILE).open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([["video_id", "start_time", "end_time", "question", "answer", "category"], *rows])
    return folder


def test_egotextvqa_keeps_repeated_questions_apart_and_shows_what_was_before_each() -> None:
    found = questions(loaded("egotextvqa"))
    first, second = found["indoor/hallway/6.1"], found["indoor/hallway/6.2"]
    assert first.question == second.question
    assert (first.reference.answer, second.reference.answer) == ("hats, keys", "soap, mail")
    assert [(each.start_ms, each.end_ms) for each in (first, second)] == [(0, 500), (0, 13_900)]
    assert found["outdoor/11/8.1"].end_ms == 2200
    assert found["outdoor/12/7"].reference.answer == "4"
    assert found["outdoor/11/6"].task == "outdoor/intention reasoning"


def test_egotextvqa_reads_the_same_from_each_published_form(tmp_path: Path) -> None:
    entries = [json.loads(line) for line in (FIXTURES / "egotextvqa" / "egotextvqa_indoor_annotation.jsonl").read_text().splitlines()[:18]]
    columns = {"timestamp (s)": "timestamp"} | {name: name for name in entries[0] if name not in ("timestamp", "video_url")}
    table = io.StringIO()
    csv.writer(table).writerows([list(columns), *([entry[name] for name in columns.values()] for entry in entries)])
    forms = {
        "data/egotextvqa_indoor_annotation.jsonl": "\n".join(map(json.dumps, entries)),
        "egotextvqa_indoor_annotation.csv": table.getvalue(),
        "egotextvqa_indoor/total.json": json.dumps([{"data": entries[:7]}, {"data": entries[7:]}]),
        "data/egotextvqa_indoor/total.json": json.dumps(entries),
    }
    read: list[dict[str, Question]] = []
    for name, text in forms.items():
        file = tmp_path / name.replace("/", "_") / name
        file.parent.mkdir(parents=True)
        file.write_text(text, encoding="utf-8")
        result = egotextvqa.load(FolderData(tmp_path / name.replace("/", "_")))
        assert [each.reason for each in result.refused] == ["subset_missing"]
        assert "outdoor" in result.refused[0].message
        read.append(questions(result))
    assert len(read[0]) == 18
    assert all(each == read[0] for each in read)


@pytest.mark.parametrize("content", ["{", "3", '{"data": 3}', '"x"'])
def test_egotextvqa_refuses_a_file_that_holds_no_questions(tmp_path: Path, content: str) -> None:
    (tmp_path / "egotextvqa_outdoor").mkdir()
    (tmp_path / "egotextvqa_outdoor" / "total.json").write_text(content)
    with pytest.raises(DataError, match=r"egotextvqa_outdoor/total\.json"):
        egotextvqa.load(FolderData(tmp_path))


def test_egotempo_knows_clips_by_their_names_and_videos_by_theirs() -> None:
    result = loaded("egotempo")
    assert {each.question.video_id for each in result.questions} == {"hallway", "playroom"}
    lengths = {each.uri: (each.question.start_ms, each.question.end_ms - egotempo.CLIP_SLACK_MS) for each in result.questions}
    assert lengths == {
        "hallway_0_14.mp4": (0, 14_000),
        "playroom_0.0_24.5.mp4": (0, 24_500),
        "playroom_100.25_124.75.mp4": (0, 24_500),
    }
    assert {each.question.task for each in result.questions} == set(egotempo.TYPES)


@pytest.mark.parametrize(
    ("content", "reason"), [("{", "benchmark_not_json"), ('{"annotations": {}}', "benchmark_not_a_list"), ("3", "benchmark_not_a_list")]
)
def test_egotempo_refuses_a_file_that_holds_no_questions(tmp_path: Path, content: str, reason: str) -> None:
    (tmp_path / egotempo.FILE).write_text(content)
    with pytest.raises(DataError) as caught:
        egotempo.load(FolderData(tmp_path))
    assert caught.value.reason == reason
