"""A withdrawn video is gone from store, lineage and every new version, however often the purge is interrupted."""

import asyncio
import itertools
import json
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import SecretStr
from zstandard import ZstdDecompressor

from egoetl.algorithms.digest import sha256_of_file
from egoetl.core.errors import CallerError, TryAgainError
from egoetl.core.settings import Settings
from egoetl.lineage.withdrawing import Withdrawals
from egoetl.media.encode import write_video
from egoetl.runner.build import run_build
from egoetl.runner.plan import Order, plan_build
from egoetl.runner.purging import purge_video, survey_video
from egoetl.runner.report import BuildReport, build_report
from egoetl.runner.shard import silent
from egoetl.runner.tools import Tools
from egoetl.storage.local import LocalStore
from egoetl.testing.installation import Footage, Installation
from egoetl.testing.videos import SIZE, numbered

pytestmark = pytest.mark.slow


class KilledError(BaseException):
    """What a kill is to the code that it hits."""


class MortalStore(LocalStore):
    """A store whose process is killed before its `fatal`-th change."""

    def __init__(self, root: Path, fatal: int) -> None:
        super().__init__(root)
        self._changes, self._fatal = itertools.count(1), fatal

    def create(self, path: str, data: bytes) -> bool:
        self._change()
        return super().create(path, data)

    def delete(self, path: str) -> None:
        self._change()
        super().delete(path)

    def _change(self) -> None:
        if next(self._changes) == self._fatal:
            raise KilledError


@pytest.fixture
def tools_of() -> Iterator[Callable[[Installation], Tools]]:
    opened: list[Tools] = []

    def make(installation: Installation) -> Tools:
        url = SecretStr(installation.database_url)
        tools = Tools(Settings(database_url=url, store_url=installation.store.as_uri(), commit_seconds=0.05, concurrency=2))
        opened.append(tools)
        return tools

    yield make
    for tools in opened:
        tools.ledger.close()


@pytest.fixture
def tools(tools_of: Callable[[Installation], Tools], tiny: Installation) -> Tools:
    return tools_of(tiny)


def build(tools: Tools, footage: Footage, name: str) -> BuildReport:
    """Run a build to its end, also when its gate stays closed."""
    order = Order(recipe="egoavu", manifest=footage.manifest, videos=footage.folder, name=name, settings={"floor": "0"})
    asyncio.run(run_build(tools, plan_build(tools, order), silent))
    return build_report(tools, name, 0.0)


def records_of(installation: Installation, video: str) -> list[str]:
    """The record of every result about a video, as it lies in the store."""
    pointers = installation.rows(
        "SELECT path, part_row FROM result JOIN part ON part.id = part_id "
        "WHERE unit_id LIKE %s OR unit_id IN (SELECT qa_id FROM qa_pair WHERE clip_id LIKE %s)",
        video[:16] + "%",
        video[:16] + "%",
    )
    return [text_of(installation.store / path).splitlines()[row] for path, row in pointers]


def words_of(record: str) -> Iterator[str]:
    """The texts in a record."""
    found: list[Any] = [json.loads(record)]
    while found:
        match found.pop():
            case dict(each):
                found.extend(each.values())
            case list(each):
                found.extend(each)
            case str(word):
                yield word
            case _:
                pass


def text_of(file: Path) -> str:
    data = file.read_bytes()
    return (ZstdDecompressor().decompress(data) if file.name.endswith(".zst") else data).decode("utf-8", "replace")


def all_text(installation: Installation, *, but: tuple[str, ...] = ()) -> str:
    """Every row of every table, and every file of the store outside versions, as one text."""
    tables = installation.rows("SELECT relname FROM pg_class WHERE relnamespace = 'lineage'::regnamespace AND relkind = 'r'")
    names = [name for (name,) in tables if name not in but]
    rows = [row for name in names for (row,) in installation.rows(f"SELECT t::text FROM lineage.{name} AS t")]
    files = [file for file in installation.store.rglob("*") if file.is_file() and "versions" not in file.parts]
    return "\n".join([*rows, *map(text_of, files)])


def pairs_of_version(report: BuildReport) -> str:
    assert report.version_path is not None
    folder = Path(report.version_path.removeprefix("file://"))
    return "".join(text_of(file) for file in sorted(folder.rglob("*")) if file.suffix in (".csv", ".json", ".md", ".jsonl"))


def test_nothing_but_the_tombstone_and_old_versions_holds_a_purged_video(tools: Tools, tiny: Installation):
    first = build(tools, tiny.footage, "first")
    attic, cellar = (sha256_of_file(tiny.footage.folder / f"{name}.mp4") for name in ("attic", "cellar"))
    kept = {word for record in records_of(tiny, cellar) for word in words_of(record)}
    words = {word for record in records_of(tiny, attic) for word in words_of(record) if " " in word} - kept
    words |= {
        "attic",
        attic,
        attic[:16],
        *(qa_id for (qa_id,) in tiny.rows("SELECT qa_id FROM qa_pair WHERE clip_id LIKE %s", attic[:16] + "%")),
    }
    before = all_text(tiny)
    assert len([word for word in words if word in before]) > 10

    purged = purge_video(tools, "attic", "the wearer asked for it")

    assert (purged.video, purged.video_ids, purged.done) == (attic, ("attic",), True)
    after = all_text(tiny, but=("tombstone", "version_pair"))
    assert [word for word in words if word in after] == []
    assert [(each.number, each.pairs > 0, each.path) for each in purged.versions] == [(1, True, first.version_path)]
    assert "attic" in pairs_of_version(first)

    # Its rows are refused ones now, its attempts have no unit, and every build still accounts for everything.
    report = build_report(tools, "first", 0.0)
    assert report.counts["register"].total == first.counts["register"].total == 2
    for counts in report.counts.values():
        assert counts.total == counts.done + counts.dropped + counts.failed + counts.blocked + counts.pending
    assert tiny.rows("SELECT count(*) FROM attempt") == [(first.computed,)]
    assert [(row["stage"], row["reason"]) for row in report.failures] == [("register", "video_withdrawn")]
    assert tiny.rows("SELECT video_id, uri, clip_id, reason FROM build_row ORDER BY row_no") == [
        ("", None, None, "video_withdrawn"), ("cellar", "cellar", tiny.rows("SELECT clip_id FROM clip")[0][0], None),
    ]  # fmt: skip

    second = build(tools, tiny.footage, "second")
    assert second.computed == 0
    assert [(row["reason"], "was withdrawn" in row["message"]) for row in second.failures] == [("video_withdrawn", True)]
    assert second.version_path != first.version_path
    assert "attic" not in pairs_of_version(second)
    assert {row[0] for row in tiny.rows("SELECT DISTINCT video_sha256 FROM build_pairs")} == {cellar}
    attempts = tiny.rows("SELECT count(*) FROM attempt")
    assert build(tools, tiny.footage, "first").state == "succeeded"
    assert tiny.rows("SELECT count(*) FROM attempt") == attempts


def test_without_yes_it_only_says_what_would_go(tools: Tools, tiny: Installation, on_tiny: Any):
    build(tools, tiny.footage, "first")
    before = all_text(tiny)
    shown = on_tiny("purge", "video", "attic", "--json")
    assert shown.code == 0
    assert shown.report["done"] is False
    assert shown.report["counts"]["clips"] == 1
    assert shown.report["counts"]["segments"] == 2
    assert "add --yes to do it" in on_tiny("purge", "video", "attic").out
    assert all_text(tiny) == before
    done = on_tiny("purge", "video", "attic", "--yes", "--reason", "asked for", "--json")
    assert done.report["counts"] == shown.report["counts"]
    assert done.report["versions"] == shown.report["versions"]
    again = on_tiny("purge", "video", "attic", "--yes")
    assert (again.code, "taken out of lineage before" in again.out) == (0, True)
    assert tiny.rows("SELECT reason FROM tombstone") == [("asked for",)]
    assert on_tiny("purge", "video", "nobody", "--yes").code == 64


def test_a_purge_may_be_killed_anywhere_and_run_again(tools_of: Callable[[Installation], Tools], tiny: Installation):
    build(tools_of(tiny), tiny.footage, "first")
    orphan = LocalStore(tiny.store).put_bytes("captions", b"attic, left by a crash", suffix=".jsonl.zst", media_type="text/plain")
    for fatal in itertools.count(1):
        tools = tools_of(tiny)
        tools.store = MortalStore(tiny.store, fatal)
        try:
            purge_video(tools, "attic", None)
        except KilledError:
            # Whatever lineage points to is there, whole.
            for path, size in tiny.rows("SELECT path, size_bytes FROM part UNION ALL SELECT path, size_bytes FROM artifact"):
                assert (tiny.store / path).stat().st_size == size
        else:
            break
    assert fatal > 5
    assert not (tiny.store / orphan.path).exists()
    assert "attic" not in all_text(tiny, but=("tombstone",))
    assert tiny.rows("SELECT count(*) FROM doomed_file") == [(0,)]
    assert build(tools_of(tiny), tiny.footage, "second").computed == 0


def test_nobody_may_be_at_work_meanwhile(tools: Tools, tiny: Installation):
    build(tools, tiny.footage, "first")
    lease = tools.ledger.acquire(tools.ledger.build("first").seq, "caption", 0, seconds=30)
    with pytest.raises(TryAgainError, match=r"first, caption, shard 0\); wait until it ends or cancel it") as caught:
        purge_video(tools, "attic", None)
    assert caught.value.reason == "builds_running"
    tools.ledger.release(lease)
    with tools.reports.publishing(), pytest.raises(TryAgainError, match="being published"):
        purge_video(tools, "attic", None)
    assert tiny.rows("SELECT count(*) FROM tombstone") == [(0,)]
    assert purge_video(tools, "attic", None).done


def test_a_version_written_before_and_recorded_after_is_refused(tools: Tools, tiny: Installation):
    build(tools, tiny.footage, "first")
    seq = tools.ledger.build("first").seq
    qa_ids = [each.pair.qa_id for each in tools.reports.accepted_pairs("egoavu", seq)]
    purge_video(tools, "attic", None)
    with pytest.raises(TryAgainError) as caught:
        tools.reports.record_version(seq, dataset="egoavu", manifest_sha256="ab" * 32, path="versions/egoavu/x", counts={}, qa_ids=qa_ids)
    assert caught.value.reason == "pairs_withdrawn"


def test_a_file_that_another_video_points_to_as_well_stays(tools_of: Callable[[Installation], Tools], database_url: str, tmp_path: Path):
    """Two videos with the same silence, whose sound is one file."""
    footage = Footage(tmp_path / "silent")
    footage.folder.mkdir()
    for name, first in (("shed", 0), ("yard", 40)):
        quiet, shown = np.zeros((3 * 16_000, 1), dtype=np.float32), itertools.islice(numbered(30 + first), first, None)
        pictures = ((number, picture) for number, (_, picture) in enumerate(shown))
        write_video(footage.folder / f"{name}.mp4", pictures, size=SIZE, rate=Fraction(10), sound=quiet, sound_rate=16_000)
    footage.manifest.write_text("id,start_time,end_time\nshed,0,3\nyard,0,3\n", encoding="utf-8")
    installation = Installation(database_url, tmp_path / "store", footage)
    tools = tools_of(installation)
    build(tools, footage, "first")
    assert installation.rows("SELECT count(*) FROM artifact WHERE media_type = 'audio/flac'") == [(1,)]
    (owner,) = installation.rows(
        "SELECT video_id FROM artifact JOIN result ON key = artifact.result JOIN build_row ON clip_id = unit_id "
        "WHERE media_type = 'audio/flac'"
    )
    purge_video(tools, owner[0], None)
    ((path,),) = installation.rows("SELECT path FROM artifact WHERE media_type = 'audio/flac'")
    assert (installation.store / path).is_file()
    assert build(tools, footage, "second").computed == 0


def test_a_name_that_stands_for_two_files_is_asked_about(tools: Tools, tiny: Installation, tmp_path: Path):
    build(tools, tiny.footage, "first")
    other = Footage(tmp_path / "other")
    other.folder.mkdir()
    (other.folder / "attic.mp4").write_bytes((tiny.footage.folder / "cellar.mp4").read_bytes())
    other.manifest.write_text("id,start_time,end_time\nattic,0,4\n", encoding="utf-8")
    build(tools, other, "other")
    with pytest.raises(CallerError) as caught:
        survey_video(tools, "attic")
    assert caught.value.reason == "video_ambiguous"
    attic, cellar = (sha256_of_file(tiny.footage.folder / f"{name}.mp4") for name in ("attic", "cellar"))
    purge_video(tools, attic, None)
    # The name is also the other file's, and stays where it means that.
    assert tiny.rows("SELECT video_id FROM build_row WHERE clip_id IS NOT NULL ORDER BY 1") == [("attic",), ("cellar",)]
    assert Withdrawals(tools.ledger).find("attic") == (cellar, False)
