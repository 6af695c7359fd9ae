"""Names of exported files: EgoAVU's for EgoAVU's ids, safe for any, and never one for two windows."""

from hypothesis import assume, given
from hypothesis import strategies as st

from egoetl.runner.exporting.names import safe_name, window_stem

IDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200)
TIMES = st.integers(0, 10**9)


def test_whole_seconds_give_egoavus_names() -> None:
    assert window_stem("6395f964-122c", 720_000, 1_080_000) == "6395f964-122c_720_1080"


def test_parts_of_a_second_have_as_many_decimals_as_they_need() -> None:
    assert window_stem("kitchen", 12_500, 43_700) == "kitchen_12.5_43.7"
    assert window_stem("kitchen", 1, 60_010) == "kitchen_0.001_60.01"


def test_an_id_cannot_leave_its_folder_or_hide() -> None:
    assert safe_name("../etc/x") == "%2E.%2Fetc%2Fx"
    assert safe_name("100%") == "100%25"


@given(IDS, IDS, TIMES, TIMES, TIMES, TIMES)
def test_two_windows_never_share_a_name(one: str, other: str, start: int, end: int, other_start: int, other_end: int) -> None:
    assume((one, start, end) != (other, other_start, other_end))
    assert window_stem(one, start, end) != window_stem(other, other_start, other_end)


@given(IDS)
def test_any_id_gives_a_name_that_a_filesystem_takes(name: str) -> None:
    safe = safe_name(name)
    assert "/" not in safe
    assert "\0" not in safe
    assert safe not in (".", "..")
    assert len(safe.encode()) <= 180
