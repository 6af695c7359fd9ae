"""Any bytes in a manifest: rows that can be built, a reason for every other line, or one sentence on the whole file."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from egoetl.core.errors import DataError
from egoetl.core.source_paths import path_within
from egoetl.runner.manifest import Manifest, read_manifest
from egoetl.testing.fuzzing import MUTATIONS, Mutation, fuzzing

HEADER = b"id,start_time,end_time,split,uri,narrations\n"
GOOD = HEADER + b"".join(f"video{n},{n * 10},{n * 10 + 10},{'train' if n % 2 else 'test'},,\n".encode() for n in range(40))
REASONS = frozenset(
    {
        *("field_empty", "field_has_control_character", "field_has_nul", "field_not_utf8", "field_too_long"),
        *("fields_too_many", "line_too_long", "quotes_unpaired"),
        *("path_escapes_root", "split_invalid", "time_not_a_number", "window_inverted", "duplicate_row", "video_in_two_splits"),
    }
)
PATHS = ("..", ".", "/", "\\", "%2e", "%2F", "%25", "file://", "C:", "~", "a", "kitchen")
LETTERS = ("\x00", "\x1b[2J", "é", "\udcff", '"', ",", " ", "\t", "\u2028", "\r", "\n", "v" * 300)
TIMES = ("-1", "0", "10", "1e9", "9e99999999999999999999", "nan", "inf", "sNaN", "1_0", "٣")
PIECES = (*PATHS, *LETTERS, *TIMES, "train")
FIELDS = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=6).map("".join)

Read = Callable[[bytes], Manifest | None]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("manifests")


@pytest.fixture(scope="module")
def read(folder: Path) -> Read:
    """Read a manifest and check all that must hold of any; None where it is refused whole."""

    def check(data: bytes) -> Manifest | None:
        file = folder / "manifest.csv"
        file.write_bytes(data)
        try:
            manifest = read_manifest(file, test_percent=10)
        except DataError as error:
            if error.reason not in ("manifest_header", "manifest_not_text"):
                raise
            return None
        check_lines(manifest, data)
        check_paths(manifest, folder / "videos")
        return manifest

    return check


def check_lines(manifest: Manifest, data: bytes) -> None:
    """Every line that is not blank is accounted for once, and what is said of it can be stored and printed."""
    lines = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8-sig", errors="surrogateescape", newline="").readlines()
    due = [number for number, line in enumerate(lines, start=1) if number > 1 and line.strip("\r\n")]
    assert sorted([row.row for row in manifest.rows] + [each.row for each in manifest.refused]) == due
    assert {each.reason for each in manifest.refused} <= REASONS
    for each in manifest.refused:
        assert len(each.message) < 500
        assert each.message.isprintable()
        assert "\x00" not in each.video_id
        each.video_id.encode()
    for row in manifest.rows:
        assert 0 <= row.start_ms < row.end_ms < 2**31
        assert (row.video_id + row.uri + row.split).isprintable() or "\u2028" in row.video_id + row.uri
    windows = [(row.video_id, row.start_ms, row.end_ms) for row in manifest.rows]
    assert len(set(windows)) == len(windows)


def check_paths(manifest: Manifest, videos: Path) -> None:
    """No accepted row is looked for outside the videos folder."""
    for row in manifest.rows:
        for address in filter(None, (row.uri, row.narrations)):
            assert (videos / path_within(address)).resolve().is_relative_to(videos.resolve())


@fuzzing(300)
@given(data=st.binary(max_size=300))
@example(b"")
def test_any_bytes(read: Read, data: bytes) -> None:
    read(data)
    read(HEADER + data)


@fuzzing(400)
@given(blows=MUTATIONS)
def test_a_good_manifest_that_was_damaged(read: Read, blows: list[Mutation]) -> None:
    data = GOOD
    for blow in blows:
        data = blow.applied(data)
    read(data)


@pytest.mark.slow
@fuzzing(600)
@given(lines=st.lists(st.tuples(FIELDS, FIELDS, FIELDS, FIELDS, FIELDS, FIELDS), max_size=6), quoted=st.booleans())
def test_lines_of_hostile_fields_beside_good_ones(read: Read, lines: list[tuple[str, ...]], quoted: bool) -> None:
    text = io.StringIO(newline="")
    if quoted:
        csv.writer(text).writerows(lines)
    else:
        text.writelines(",".join(line) + "\n" for line in lines)
    good = b"".join(b"good%d,0,10,train,,\n" % n for n in range(3))
    manifest = read(
        HEADER + good + text.getvalue().encode("utf-8", "surrogatepass").replace(b"\xed\xb3\xbf", b"\xff") + b"\nlast,0,10,train,,\n"
    )
    assert manifest is not None
    assert {"good0", "good1", "good2", "last"} <= {row.video_id for row in manifest.rows}
