from hypothesis import given
from hypothesis import strategies as st

from egoetl.benchmarks.egotextvqa.cutoff import legacy_window_before, window_before
from egoetl.core.records import Window

INSTANTS = st.integers(0, 10**7)


def test_a_question_is_answered_from_what_was_before_it() -> None:
    assert window_before(2500) == Window(start_ms=0, end_ms=2500)
    assert window_before(2500, 2000) == Window(start_ms=0, end_ms=2000)
    assert window_before(0) is None
    assert window_before(2500, 0) is None


@given(INSTANTS, INSTANTS)
def test_no_frame_at_or_after_the_question_or_the_end_is_shown(timestamp_ms: int, duration_ms: int) -> None:
    window = window_before(timestamp_ms, duration_ms)
    assert (window is None) == (min(timestamp_ms, duration_ms) == 0)
    assert window is None or (window.start_ms, window.end_ms) == (0, min(timestamp_ms, duration_ms))


@given(INSTANTS, INSTANTS)
def test_the_source_shows_up_to_a_second_more(timestamp_ms: int, duration_ms: int) -> None:
    ours, theirs = window_before(timestamp_ms, duration_ms), legacy_window_before(timestamp_ms, duration_ms)
    more = (theirs.end_ms if theirs else 0) - (ours.end_ms if ours else 0)
    assert more == min(1000, max(0, duration_ms - timestamp_ms))
