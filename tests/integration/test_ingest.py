"""`egoetl ingest` of a folder: what is new is registered once by its bytes, and waits for its night."""

import os
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from egoetl.testing.installation import Installation

pytestmark = pytest.mark.slow

RESTED = time.time() - 3600


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    (folder / "deep").mkdir(parents=True)
    return folder


@pytest.fixture
def arrive(tiny: Installation, inbox: Path) -> Callable[[str, str], Path]:
    """Put one of the tiny videos into the inbox under a name, written long enough ago."""

    def put(video: str, name: str) -> Path:
        file = inbox / name
        shutil.copyfile(tiny.footage.folder / f"{video}.mp4", file)
        os.utime(file, (RESTED, RESTED))
        return file

    return put


@pytest.fixture
def look(on_tiny: Callable[..., Any], inbox: Path) -> Callable[..., dict[str, Any]]:
    """`egoetl ingest` of the inbox; its report."""

    def run(*more: str, **settings: str) -> dict[str, Any]:
        ended = on_tiny("ingest", str(inbox), *more, "--json", **settings)
        assert ended.code == 0, ended.err
        return ended.report

    return run


@pytest.fixture
def plan(on_tiny: Callable[..., Any], inbox: Path) -> Callable[..., None]:
    """`egoetl build plan` of what is in the inbox, under a name."""

    def run(name: str, *more: str) -> None:
        ended = on_tiny("build", "plan", "egoavu", "--videos", str(inbox), "--name", name, *more)
        assert ended.code == 0, ended.err

    return run


def counts(report: dict[str, Any]) -> tuple[int, int, int, int, int]:
    return (*(len(report[name]) for name in ("new", "duplicates", "refused", "waiting")), report["unchanged"])


def test_a_video_is_registered_once_whatever_it_is_called_and_new_bytes_are_a_new_video(
    tiny: Installation, arrive: Callable[[str, str], Path], look: Callable[..., dict[str, Any]], plan: Callable[..., None]
) -> None:
    arrive("attic", "kitchen.mp4")
    arrive("attic", "deep/copy.mp4")
    first = look()
    assert counts(first) == (1, 1, 0, 0, 0)
    assert {first["new"][0]["video_id"], first["duplicates"][0]["video_id"]} == {"deep/copy"}
    assert counts(look()) == (0, 0, 0, 0, 2)
    arrive("cellar", "deep/copy.mp4")
    changed = look()
    assert counts(changed) == (1, 0, 0, 0, 1)
    assert changed["new"][0]["video_id"] == f"deep/copy~{changed['new'][0]['sha256'][:8]}"
    # The bytes that came as deep/copy.mp4 lie at kitchen.mp4 now, and builds find them there.
    plan("all")
    assert tiny.rows("SELECT video_id, uri, start_ms, end_ms FROM build_row ORDER BY row_no") == [
        ("deep/copy", "kitchen.mp4", 0, 11_000),
        (changed["new"][0]["video_id"], "deep/copy.mp4", 0, 4_000),
    ]


def test_windows_cover_the_video_and_the_last_shorter_one_is_kept(
    tiny: Installation, arrive: Callable[[str, str], Path], look: Callable[..., dict[str, Any]]
) -> None:
    arrive("attic", "kitchen.mp4")
    assert look(EGOETL_ARRIVALS_CLIP_SECONDS="4")["new"][0]["clips"] == 3
    assert tiny.rows("SELECT start_ms, end_ms FROM arrival_clip ORDER BY 1") == [(0, 4000), (4000, 8000), (8000, 11_000)]


def test_what_is_no_video_has_a_reason_and_keeps_no_other_from_arriving(
    tiny: Installation, inbox: Path, arrive: Callable[[str, str], Path], look: Callable[..., dict[str, Any]]
) -> None:
    whole = arrive("attic", "kitchen.mp4")
    for name, data in {"cut.mp4": whole.read_bytes()[:3000], "words.mp4": b"words", "notes.txt": b"x", ".kitchen.mp4.part": b"x"}.items():
        (inbox / name).write_bytes(data)
        os.utime(inbox / name, (RESTED, RESTED))
    (inbox / "odd\x07.mp4").write_bytes(b"x")
    shutil.copyfile(whole, inbox / "growing.mp4")
    report = look()
    assert [each["path"] for each in report["new"]] == ["kitchen.mp4"]
    assert {each["path"]: each["reason"] for each in (*report["refused"], *report["waiting"])} == {
        "cut.mp4": "file_cut_off",
        "words.mp4": "not_a_video",
        "notes.txt": "suffix_unknown",
        "odd\x07.mp4": "name_unusable",
        "growing.mp4": "still_written",
    }
    assert report["files"] == 6
    again = look(EGOETL_ARRIVALS_SETTLE_SECONDS="0")
    assert (counts(again), again["duplicates"][0]["path"]) == ((0, 1, 0, 0, 5), "growing.mp4")


@pytest.mark.parametrize(("reason", "state"), [("unexpected_memoryerror", "registered"), ("not_a_video", "refused")])
def test_a_trouble_that_is_not_the_files_own_does_not_keep_it_out_for_ever(
    tiny: Installation, arrive: Callable[[str, str], Path], look: Callable[..., dict[str, Any]], reason: str, state: str
) -> None:
    arrive("attic", "kitchen.mp4")
    look()
    tiny.rows("UPDATE arrival SET state = 'refused', reason = %s RETURNING address", reason)
    look()
    assert tiny.rows("SELECT state FROM arrival") == [(state,)]


def test_a_dry_run_reads_and_writes_nothing(
    tiny: Installation, inbox: Path, arrive: Callable[[str, str], Path], look: Callable[..., dict[str, Any]]
) -> None:
    size = arrive("attic", "kitchen.mp4").stat().st_size
    report = look("--dry-run")
    assert (report["to_read"], report["bytes_to_read"], report["new"]) == (["kitchen.mp4"], size, [])
    assert tiny.rows("SELECT count(*) FROM arrival") == tiny.rows("SELECT count(*) FROM source_digest") == [(0,)]


def test_two_at_once_register_each_video_once(tiny: Installation, inbox: Path, arrive: Callable[[str, str], Path]) -> None:
    for number in range(4):
        arrive("attic" if number % 2 else "cellar", f"{number}.mp4")
    with ThreadPoolExecutor() as pool:
        both = list(pool.map(lambda _: tiny.json("ingest", str(inbox)), range(2)))
    assert sum(len(each["new"]) for each in both) == 2
    assert tiny.rows("SELECT count(*) FROM arrival_video") == [(2,)]
    assert tiny.rows("SELECT state, count(*) FROM arrival GROUP BY 1 ORDER BY 1") == [("duplicate", 2), ("registered", 2)]


def test_a_night_holds_what_arrived_on_its_day_beside_the_manifests_rows_and_holds_it_for_ever(
    tiny: Installation,
    inbox: Path,
    arrive: Callable[[str, str], Path],
    look: Callable[..., dict[str, Any]],
    plan: Callable[..., None],
) -> None:
    today = datetime.now(UTC).date()
    arrive("attic", "kitchen.mp4")
    assert look()["new"][0]["night"] == str(today)
    (inbox / "manifest.csv").write_text("id,start_time,end_time\nkitchen,0,5\n")
    both = ("--manifest", str(inbox / "manifest.csv"), "--arrivals", "--night")
    plan("both", *both, str(today))
    plan("before", *both, str(today - timedelta(days=1)))
    arrive("cellar", "late.mp4")
    # Tonight was planned already: what comes now waits for the next night.
    assert [each["night"] for each in look()["new"]] == [str(today + timedelta(days=1))]
    plan("again", *both, str(today))
    rows = (
        "SELECT row_no, video_id, start_ms, end_ms, sha256 IS NOT NULL FROM build_row"
        " JOIN build ON seq = build_seq WHERE name = %s ORDER BY 1"
    )
    held = [(2, "kitchen", 0, 5000, False), (3, "kitchen", 0, 11_000, True)]
    assert tiny.rows(rows, "both") == tiny.rows(rows, "again") == held
    assert tiny.rows(rows, "before") == []
    plan("rest", "--waiting")
    assert [row[1] for row in tiny.rows(rows, "rest")] == ["late"]


def test_an_ingest_that_is_killed_and_run_again_registers_each_video_once(
    tiny: Installation, inbox: Path, arrive: Callable[[str, str], Path], look: Callable[..., dict[str, Any]], patiently: Callable[..., None]
) -> None:
    for number in range(40):
        file = arrive("cellar", f"{number:02}.mp4")
        with file.open("ab") as stream:
            stream.write(bytes(8 + number))  # other bytes, the same pictures
        os.utime(file, (RESTED, RESTED))
    killed = tiny.start("ingest", str(inbox), EGOETL_CONCURRENCY="1")
    patiently(lambda: tiny.rows("SELECT count(*) FROM arrival_video")[0][0] >= 3)
    killed.kill()
    killed.communicate()
    (before,) = tiny.rows("SELECT count(*) FROM arrival_video")[0]
    report = look()
    assert (len(report["new"]), report["unchanged"]) == (40 - before, before)
    assert tiny.rows("SELECT count(*), count(DISTINCT sha256) FROM arrival_video") == [(40, 40)]
