"""Python's cycle collector while a stage runs."""

import gc

import pytest

from egoetl.runner.long_lived import records_stay


@pytest.fixture(autouse=True)
def usual_pace():
    own = gc.get_threshold()
    yield
    gc.set_threshold(*own)


def test_collections_are_rare_within_and_as_before_afterwards() -> None:
    gc.set_threshold(700, 10, 10)
    with records_stay():
        assert gc.get_threshold()[0] > 100_000
        with records_stay():
            pass
        assert gc.get_threshold()[0] > 100_000
    assert gc.get_threshold() == (700, 10, 10)


def test_an_error_leaves_the_usual_pace_behind() -> None:
    gc.set_threshold(700, 10, 10)
    with pytest.raises(ValueError), records_stay():
        raise ValueError
    assert gc.get_threshold() == (700, 10, 10)


def test_a_collector_that_was_switched_off_stays_off() -> None:
    gc.set_threshold(0)
    with records_stay():
        assert gc.get_threshold()[0] == 0
