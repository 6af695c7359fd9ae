"""`./run_pipeline.sh`: EgoAVU's flags and variables, and every file it writes read back by those who know its form."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import pytest

from egoetl.media.probe import probe
from egoetl.qa.index import TASKS
from egoetl.testing.installation import Installation

SCRIPT = Path(__file__).parents[2] / "run_pipeline.sh"
FOLDERS = {
    "SPLIT_OUTPUT_DIR": "cut", "CAPTION_OUTPUT_DIR": "said", "MCG_OUTPUT_DIR": "graphs", "AV_NARRATION_OUTPUT_DIR": "told",
    "QA_OUTPUT_DIR": "asked", "RELEASE_OUTPUT_DIR": "release",
}  # fmt: skip
pytestmark = pytest.mark.slow
Run = Callable[..., "subprocess.CompletedProcess[str]"]


def run_over(installation: Installation, folder: Path) -> Run:
    """Run the script over an installation, writing into a folder."""
    footage = {"CSV_FILE": str(installation.footage.manifest), "INPUT_VIDEO_DIR": str(installation.footage.folder)}

    def run(*flags: str, code: int = 0, **variables: str) -> "subprocess.CompletedProcess[str]":
        out = {name: str(folder / below) for name, below in FOLDERS.items()}
        inherited = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
        environment = {**inherited, **installation.environment, **footage, **out, **variables}
        done = subprocess.run([SCRIPT, *flags], env=environment, cwd=folder, text=True, capture_output=True, timeout=500, check=False)
        assert done.returncode == code, f"{done.stdout}\n{done.stderr}"
        return done

    return run


@pytest.fixture(scope="module")
def whole(
    tmp_path_factory: pytest.TempPathFactory, small_footage: Any, postgres_server: Any, migrated_template: str, database_names: Any
) -> Any:
    """What `--all` wrote."""
    folder, name = tmp_path_factory.mktemp("pipeline"), next(database_names)
    postgres_server.create_database(name, template=migrated_template)
    run_over(Installation(postgres_server.url(name), folder / "store", small_footage, {}), folder)("--all")
    yield folder
    postgres_server.drop_database(name)


def json_lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def table(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_clips_are_cut_and_listed(whole: Path) -> None:
    rows = table(whole / "cut" / "manifest_output.csv")
    assert rows
    for row in rows:
        file = Path(row["output_path"])
        assert file.relative_to(whole / "cut").as_posix() == f"{row['split']}/{row['id']}_{row['start_time']}_{row['end_time']}.mp4"
        wanted_ms = (float(row["end_time"]) - float(row["start_time"])) * 1000
        assert probe(file, sha256="0" * 64).duration_ms == pytest.approx(wanted_ms, abs=80)
        assert file.with_suffix(".wav").is_file()


def test_every_step_has_the_keys_of_the_one_before_it(whole: Path) -> None:
    captions = json_lines(whole / "said" / "merged_captions.jsonl")
    graphs = json_lines(whole / "graphs" / "mcg_output.jsonl")
    narrations = json_lines(whole / "told" / "av_narration_output.jsonl")
    assert len(captions) == len(graphs) == len(narrations) == len(table(whole / "cut" / "manifest_output.csv"))
    words = {"chunk_id", "start_time", "end_time", "video_description", "sound_description", "object_description"}
    assert {frozenset(chunk) for clip in captions for chunk in clip["information"]} == {frozenset(words)}
    assert {frozenset(chunk) for clip in graphs for chunk in clip["information"]} == {frozenset(words | {"mcg"})}
    assert {frozenset(chunk) for clip in narrations for chunk in clip["information"]} == {frozenset(words | {"mcg", "av_caption"})}


def test_every_task_has_its_file(whole: Path) -> None:
    assert {file.name for file in (whole / "asked").iterdir()} == {f"qa_{task}.jsonl" for task in TASKS}
    for task in TASKS:
        assert sum(len(clip[f"qa_{task}"]) for clip in json_lines(whole / "asked" / f"qa_{task}.jsonl")) > 0, task


def test_the_release_is_read_by_csv_json_and_datasets(whole: Path) -> None:
    release = whole / "release"
    columns = ["video_id", "start_time", "end_time", "question", "answer", "category"]
    pairs = [*table(release / "egoavu_instruct.csv"), *table(release / "egoavu_bench_combined.csv")]
    assert {tuple(pair) for pair in pairs} == {tuple(columns)}
    narrations = json.loads((release / "egoavu_narrations.json").read_text(encoding="utf-8"))
    assert {tuple(sorted(each)) for each in narrations} == {("audio_visual_narration", "end_time", "start_time", "video_id")}
    loaded = datasets.load_dataset(str(release), cache_dir=str(whole / "cache"))
    assert sum(split.num_rows for split in loaded.values()) == len(pairs)
    assert {row["category"] for split in loaded.values() for row in split} == {pair["category"] for pair in pairs}


def test_llamafactory_finds_its_media(whole: Path) -> None:
    folder = whole / "release" / "llamafactory"
    known = json.loads((folder / "dataset_info.json").read_text(encoding="utf-8"))
    assert known
    for entry in known.values():
        records = json.loads((folder / entry["file_name"]).read_text(encoding="utf-8"))
        assert records
        for record in records:
            (asked, answered) = record[entry["columns"]["messages"]]
            assert (asked["role"], answered["role"]) == ("user", "assistant")
            for tag, column in (("<video>", "videos"), ("<audio>", "audios")):
                files = record[entry["columns"][column]]
                assert asked["content"].count(tag) == len(files)
                assert all((folder / file).is_file() for file in files)


def test_webdataset_reads_the_shards(whole: Path) -> None:
    shards = sorted(str(file) for file in (whole / "release" / "webdataset").rglob("*.tar"))
    # In a process of its own: the library leaves files open.
    code = "import sys, webdataset\nfor each in webdataset.WebDataset(sys.argv[1:], shardshuffle=False): print(*each)"
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code, *shards], text=True, capture_output=True, check=True)
    samples = [set(line.split()) for line in done.stdout.splitlines()]
    assert samples
    assert all({"mp4", "wav", "json"} <= names for names in samples)


def test_a_step_alone_makes_what_it_needs_and_later_ones_reuse_it(installation: Installation, tmp_path: Path) -> None:
    run = run_over(installation, tmp_path)
    run("--caption")
    assert [file.name for file in (tmp_path / "said").iterdir()] == ["merged_captions.jsonl"]
    run("--from-mcg")
    (computed,) = installation.rows(
        "SELECT max(attempts) FROM (SELECT count(*) AS attempts FROM attempt WHERE stage = 'caption' GROUP BY unit_id) AS each"
    )
    assert computed == (1,)
    assert (tmp_path / "release" / "egoavu_instruct.csv").is_file() or (tmp_path / "release" / "egoavu_bench_combined.csv").is_file()


def test_from_mcg_makes_no_captions(installation: Installation, tmp_path: Path) -> None:
    done = run_over(installation, tmp_path)("--from-mcg", code=65)
    assert "below the floor" in done.stderr
    assert installation.rows("SELECT count(*) FROM attempt") == [(0,)]


def test_the_length_of_a_chunk_and_the_sampling_are_those_of_the_variables(installation: Installation, tmp_path: Path) -> None:
    run_over(installation, tmp_path)("--caption", CHUNK_DURATION="5", MAX_NEW_TOKENS="300", TEMPERATURE="0.7")
    chunks = [chunk for clip in json_lines(tmp_path / "said" / "merged_captions.jsonl") for chunk in clip["information"]]
    assert max(chunk["end_time"] - chunk["start_time"] for chunk in chunks) == 5
    ((settings,),) = installation.rows("SELECT recipe_settings FROM build WHERE name NOT LIKE '%%-split'")
    assert settings == {"split.segment_ms": "5000", "text.max_tokens": "300", "text.temperature": "0.7"}


@pytest.mark.parametrize(("flags", "variables", "says"), [(("--everything",), {}, "--help"), ((), {"CHUNK_DURATION": "ten"}, "seconds")])
def test_mistakes_are_named(
    installation: Installation, tmp_path: Path, flags: tuple[str, ...], variables: dict[str, str], says: str
) -> None:
    assert says in run_over(installation, tmp_path)(*flags, code=64, **variables).stderr


def test_a_model_that_nobody_asks_is_mentioned(installation: Installation, tmp_path: Path) -> None:
    done = run_over(installation, tmp_path)("--split", QWEN_MODEL_PATH="Qwen/Qwen2.5-Omni-7B")
    assert "QWEN_MODEL_PATH is not used" in done.stderr
