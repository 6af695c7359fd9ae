"""Builds at the command line, as a person and as a program read them."""

import json
from pathlib import Path

import pytest

from egoetl.qa.index import TASKS
from egoetl.recipes.index import load

KEYS = {
    "build", "state", "version", "version_path", "version_state", "mends", "mended_by", "mends_version",
    "counts", "qa", "left_out", "failures", "drops", "computed", "reused", "seconds",
}  # fmt: skip
EGOAVU = load("egoavu")
STAGES = [each.name for each in EGOAVU.stages if not EGOAVU.params_of(each).off]


def manifest(tmp_path: Path, *lines: str) -> str:
    file = tmp_path / "manifest.csv"
    file.write_text("".join(f"{line}\n" for line in ("id,start_time,end_time,split", *lines)))
    return str(file)


def test_a_build_ends_with_one_object_of_known_keys(on_built, built) -> None:
    report = on_built("build", "run", *built.order("again"), "--json").report
    assert report.keys() == KEYS
    assert (report["build"], report["state"], report["version_state"]) == ("again", "succeeded", "published")
    assert list(report["counts"]) == STAGES
    for counts in report["counts"].values():
        assert counts["total"] == counts["done"] + counts["dropped"] + counts["failed"] + counts["blocked"] + counts["pending"]
    assert report["qa"].keys() <= TASKS.keys()
    assert Path(report["version_path"].removeprefix("file://"), "manifest.json").is_file()
    assert report["seconds"] > 0


def test_a_second_identical_build_computes_nothing_and_publishes_the_same_version(on_built, built) -> None:
    first = on_built("build", "show", "night", "--json").report
    second = on_built("build", "run", *built.order("second"), "--json").report
    assert (second["computed"], second["reused"]) == (0, first["computed"] + first["reused"])
    assert second["version_path"] == first["version_path"]
    assert built.published(second) == built.published(first)


def test_the_same_command_again_changes_nothing(on_built, built) -> None:
    attempts = built.rows("SELECT count(*) FROM attempt")
    before = on_built("build", "show", "night", "--json").report
    after = on_built("build", "run", *built.order("night"), "--json").report
    assert {**after, "seconds": 0} == {**before, "seconds": 0}
    assert built.rows("SELECT count(*) FROM attempt") == attempts


def test_the_funnel_fits_80_columns(on_built) -> None:
    lines = on_built("build", "show", "night", COLUMNS="80").out.splitlines()
    assert lines[0] == "night: succeeded"
    assert [line.split()[0] for line in lines[2 : 2 + len(STAGES)]] == STAGES
    assert max(len(line) for line in lines if not line.startswith("version")) <= 80
    assert lines[-1].startswith("version (published): file:///")


def test_lists_say_what_there_is(on_built) -> None:
    listed = {each["name"]: each for each in on_built("build", "list", "--json").report["builds"]}
    assert (listed["night"]["state"], listed["night"]["version"], listed["night"]["dataset"]) == ("succeeded", 1, "egoavu")
    (header, *lines) = on_built("build", "list", COLUMNS="80").out.splitlines()
    assert header.split() == ["name", "state", "dataset", "version", "units", "failed"]
    assert [line.split()[:3] for line in lines if line.startswith("night")] == [["night", "succeeded", "egoavu"]]


def test_nothing_failed_is_said(on_built) -> None:
    assert on_built("build", "failed", "night").out == "Nothing failed in night.\n"
    assert on_built("build", "failed", "night", "--json").report == {"build": "night", "state": "succeeded", "pending": 0, "failures": []}


def test_no_builds_yet_says_how_to_make_one(on_tiny) -> None:
    assert "`egoetl build run egoavu --manifest CSV --videos DIR`" in " ".join(on_tiny("build", "list").out.split())


def test_a_build_that_made_a_version_stays_and_another_can_be_dropped(on_tiny, tiny) -> None:
    first = on_tiny("build", "run", *tiny.order("night"), "--json").report
    ended = on_tiny("build", "drop", "night")
    assert (ended.code, "Version egoavu 1" in ended.err) == (64, True)
    again = on_tiny("build", "run", *tiny.order("again"), "--json").report
    assert on_tiny("build", "drop", "again").code == 0
    assert again["version_path"] == first["version_path"]
    assert on_tiny("build", "run", *tiny.order("once-more"), "--json").report["computed"] == 0
    assert on_tiny("build", "show", "again", "--json").report["state"] == "dropped"


def test_bad_rows_are_refused_with_their_reasons_and_the_others_go_on(on_tiny, tiny, tmp_path: Path) -> None:
    lines = ("attic,0,11,train", "attic,11,5,train", "../x,0,4,train", "attic,0,4,test", "nobody,0,4,train", "cellar,0,400,test")
    order = ["egoavu", "--manifest", manifest(tmp_path, *lines), "--videos", str(tiny.footage.folder), "--name", "night"]
    report = on_tiny("build", "run", *order, "--json").report
    assert (report["state"], report["version_state"]) == ("succeeded", "published")
    assert report["counts"]["register"]["done"] == 1
    failures = on_tiny("build", "failed", "night", "--json").report["failures"]
    assert {each["unit_id"]: each["reason"] for each in failures} == {
        "3": "window_inverted", "4": "path_escapes_root", "5": "video_in_two_splits", "6": "video_missing", "7": "window_past_end",
    }  # fmt: skip
    text = on_tiny("build", "failed", "night").out
    assert "register manifest line 3: window_inverted (data)\n  Line 3: the window ends at 5000 ms" in text
    assert "1 attempt, the last by process" in text


def test_a_manifest_of_bad_rows_alone_is_red(on_tiny, tiny, tmp_path: Path) -> None:
    order = ["egoavu", "--manifest", manifest(tmp_path, "attic,9,1,train"), "--videos", str(tiny.footage.folder), "--name", "night"]
    ended = on_tiny("build", "run", *order, "--json")
    assert (ended.code, ended.report["state"]) == (65, "failed")
    assert "`egoetl build failed night`" in ended.err


def test_a_build_may_end_at_a_stage_and_another_go_on_from_there(on_tiny, tiny) -> None:
    report = on_tiny("build", "run", *tiny.order("to"), "--to", "caption", "--json").report
    assert (list(report["counts"]), report["version_path"], report["state"]) == (STAGES[:5], None, "succeeded")
    report = on_tiny("build", "run", *tiny.order("from"), "--from", STAGES[5], "--json").report
    assert [name for name, counts in report["counts"].items() if counts["computed"]] == STAGES[5:]
    assert report["version_state"] == "published"


def test_a_build_that_starts_later_than_there_are_results_is_red_and_says_so(on_tiny, tiny) -> None:
    ended = on_tiny("build", "run", *tiny.order("night"), "--from", "mcg", "--json")
    assert ended.code == 65
    assert ended.report["counts"]["register"]["blocked"] == 2
    assert "2 blocked" in ended.err


def test_a_limit_takes_the_first_rows(on_tiny, tiny) -> None:
    report = on_tiny("build", "run", *tiny.order("night"), "--limit", "1", "--to", "register", "--json").report
    assert report["counts"]["register"]["total"] == 1


def test_settings_reach_the_stages(on_tiny, tiny) -> None:
    settings = ("--set", "split.segment_ms=5000", "--set", "dataset=short")
    report = on_tiny("build", "run", *tiny.order("night"), *settings, "--to", "split", "--json").report
    assert report["state"] == "succeeded"
    assert tiny.rows("SELECT count(*) FROM segment") == [(4,)]
    assert tiny.rows("SELECT dataset FROM build") == [("short",)]


def test_what_failed_is_told_mended_and_retried(on_tiny, tiny, tiny_footage, tmp_path: Path) -> None:
    """A file is replaced between two stages: its clip is red, the others go on; put back, a retry turns the build green."""
    videos = tmp_path / "videos"
    videos.mkdir()
    for name in ("attic", "cellar"):
        (videos / f"{name}.mp4").write_bytes((tiny_footage.folder / f"{name}.mp4").read_bytes())
    order = ["egoavu", "--manifest", str(tiny_footage.manifest), "--videos", str(videos), "--name", "night"]
    assert on_tiny("build", "plan", *order, "--json").report["shards"] == [{"shard": 0, "label": "shard 000 (2 clips)"}]
    assert on_tiny("stage", "run", "--build", "night", "--stages", "register", "--shard", "0").code == 0
    kept = (videos / "cellar.mp4").read_bytes()
    (videos / "cellar.mp4").write_bytes(kept + b"more")
    for stage in ("split", "frames"):
        assert on_tiny("stage", "run", "--build", "night", "--stages", stage, "--shard", "0").code == 0
    (failure,) = on_tiny("build", "failed", "night", "--json").report["failures"]
    assert (failure["stage"], failure["reason"], failure["error_class"], failure["attempts"]) == ("split", "video_changed", "data", 1)
    assert on_tiny("build", "retry", "night", "--stage", "mcg").code == 64
    (videos / "cellar.mp4").write_bytes(kept)
    report = on_tiny("build", "retry", "night", "--reason", "video_changed", "--json").report
    assert (report["state"], report["version_state"], report["failures"]) == ("succeeded", "published", [])


@pytest.fixture
def pair(built) -> tuple[str, str, str]:
    """A published pair, its segment and its clip."""
    return built.rows("SELECT qa_id, evidence[1], clip_id FROM qa_pair WHERE task = 'avsn' ORDER BY evidence LIMIT 1")[0]


def test_a_pair_is_traced_to_the_bytes_of_its_source(on_built, built, pair) -> None:
    trace = on_built("trace", "qa", pair[0], "--json").report
    assert [hop["stage"] for hop in trace["hops"]][:1] == ["qa_avsn"]
    assert {hop["stage"] for hop in trace["hops"]} == {*STAGES[: STAGES.index("diversity")], "qa_avsn"}
    assert all(hop["seconds"] >= 0 for hop in trace["hops"])
    caption = next(hop for hop in trace["hops"] if hop["stage"] == "caption")
    assert caption["prompts"].keys() == {"video_description", "sound_description", "object_description"}
    ((sha256,),) = built.rows("SELECT encode(video, 'hex') FROM clip WHERE clip_id = %s", pair[2])
    assert trace["source"]["sha256"] == sha256
    text = on_built("trace", "qa", pair[0]).out
    assert all(word in text for word in ("qa_avsn v2", "measured@", "pyav-", caption["prompts"]["video_description"], sha256))


def test_segments_and_videos_are_traced_too(on_built, pair) -> None:
    assert on_built("trace", "segment", pair[1], "--json").report["unit_id"] == pair[1]
    video = on_built("trace", "video", "attic", "--json").report
    assert [each["clip_id"] for each in video["clips"]]
    assert on_built("trace", "video", video["sources"][0]["sha256"], "--json").report["clips"] == video["clips"]


def test_a_stage_is_tried_with_another_prompt_and_nothing_is_committed(on_built, built, pair, tmp_path: Path) -> None:
    before = built.rows("SELECT (SELECT count(*) FROM attempt), (SELECT count(*) FROM result), (SELECT count(*) FROM prompt)")
    files = sorted(built.store.rglob("*"))
    prompt = tmp_path / "brief.md"
    prompt.write_text("---\nsystem: You are brief.\n---\nSegment {{ item.segment.index }}, in five words.\n")
    own = on_built("try", "av_narration", "--segment", pair[1], "--json").report
    tried = on_built("try", "av_narration", "--segment", pair[1], "--prompt", str(prompt), "--json").report
    assert tried["key"] != own["key"]
    assert [each["content"] for each in tried["questions"][0]["messages"]] == ["You are brief.", "Segment 0, in five words."]
    assert (tried["result"], tried["failure"], tried["questions"][0]["status"]) == (own["result"], None, "ok")
    assert built.rows("SELECT (SELECT count(*) FROM attempt), (SELECT count(*) FROM result), (SELECT count(*) FROM prompt)") == before
    assert sorted(built.store.rglob("*")) == files
    text = on_built("try", "av_narration", "--segment", pair[1], "--prompt", str(prompt)).out
    assert "Segment 0, in five words." in text


def test_a_prompt_with_an_unfilled_marker_is_shown_as_the_failure(on_built, pair, tmp_path: Path) -> None:
    prompt = tmp_path / "av_narration.md"
    prompt.write_text("---\nsystem: s\n---\n{{ wether }}\n")
    tried = on_built("try", "av_narration", "--segment", pair[1], "--prompt", str(prompt), "--json").report
    assert tried["result"] is None
    assert "wether" in tried["failure"]


def test_clips_and_pairs_can_be_tried_too(on_built, pair) -> None:
    assert on_built("try", "qa_avh_sound", "--segment", pair[2], "--json").report["unit_id"] == pair[2]
    assert on_built("try", "verify", "--segment", pair[0], "--json").report["result"]["passed"]
    assert on_built("try", "mcg", "--segment", pair[2]).code == 64


def test_plans_say_their_shards(on_built, built) -> None:
    assert on_built("build", "plan", *built.order("planned")).out == "planned: 1 shard\n"
    assert json.loads(on_built("build", "plan", *built.order("planned"), "--json").out)["build"] == "planned"
