"""The token arithmetic: bounds, and numbers that real servers gave. `tests/models` compares it with the processors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egoetl.algorithms.look_cost import segment_cost, shown_size
from egoetl.algorithms.picture_tokens import FACTOR, Size, image_tokens, smart_resize, video_tokens
from egoetl.algorithms.sound_tokens import sound_tokens
from egoetl.core.models import FramePolicy

SIDES = st.integers(1, 4000)
OMNI = FramePolicy(pictures="container", sound="interleaved", processor="qwen2.5-omni")


@given(width=SIDES, height=SIDES, low=st.integers(784, 400_000), more=st.integers(0, 400_000))
def test_a_size_that_the_processor_gives_it_leaves_alone(width: int, height: int, low: int, more: int):
    if max(width, height) > 200 * min(width, height):
        with pytest.raises(ValueError, match="stretched"):
            smart_resize(width, height, low, low + more)
        return
    size = smart_resize(width, height, low, low + more)
    assert size.width % FACTOR == size.height % FACTOR == 0
    if low <= size.width * size.height <= low + more and max(size) <= 200 * min(size):
        assert smart_resize(*size, low, low + more) == size


@given(samples=st.integers(0, 6_000_000))
def test_sound_is_25_tokens_a_second(samples: int):
    expected = min(samples, 4_800_000) / 640
    assert abs(sound_tokens(samples) - expected) <= 1
    assert sound_tokens(samples) <= sound_tokens(samples + 1) <= 7500


@pytest.mark.parametrize(("samples", "tokens"), [(0, 0), (1, 0), (320, 0), (321, 1), (16_000, 25), (48_000, 75), (160_000, 250)])
def test_sound_at_the_edges(samples: int, tokens: int):
    assert sound_tokens(samples) == tokens


def test_two_pictures_of_a_video_are_one_layer():
    size = Size(448, 252)
    assert [video_tokens(pictures, size) for pictures in (1, 2, 3, 4)] == [144, 144, 288, 288]
    assert image_tokens(size) == 144


@pytest.mark.parametrize(
    ("look", "duration_ms", "tokens"),
    [
        (OMNI, 10_000, 1694),
        (OMNI.model_copy(update={"fps": 1.0}), 10_000, 974),
        (OMNI.model_copy(update={"fps": 4.0, "max_frames": 64}), 10_000, 3134),
        (OMNI, 3000, 511),
        (OMNI.model_copy(update={"fps": 1.0}), 3000, 367),
        (OMNI.model_copy(update={"min_pixels": 3136, "max_pixels": 112 * 112}), 10_000, 404),
        (FramePolicy(fps=1, sound="separate", processor="qwen2.5-omni"), 10_000, 1712),
    ],
)
def test_what_a_server_counted(look: FramePolicy, duration_ms: int, tokens: int):
    assert segment_cost(look, 448, 252, duration_ms, has_sound=True).tokens == tokens


def test_a_silent_source_costs_no_sound():
    silent = segment_cost(OMNI, 448, 252, 10_000, has_sound=False)
    assert (silent.sound_tokens, silent.tokens, silent.pictures, silent.pixels) == (0, 1442, 20, 20 * 448 * 252)


def test_an_unknown_processor_has_no_tokens_and_its_pictures_never_grow():
    look = FramePolicy(max_pixels=100 * 100, min_pixels=784)
    assert segment_cost(look, 448, 252, 10_000, has_sound=True).tokens is None
    assert shown_size(look, 64, 48) == Size(64, 48)
    assert shown_size(look, 448, 252) == Size(132, 74)


@given(width=st.integers(16, 2000), height=st.integers(16, 2000), more=st.integers(1, 10_000), fps=st.sampled_from([1.0, 2.0, 4.0]))
def test_a_longer_segment_never_costs_less(width: int, height: int, more: int, fps: float):
    look = FramePolicy(fps=fps, max_frames=1024, pictures="container", sound="interleaved", processor="qwen2.5-omni")
    shorter, longer = (segment_cost(look, width, height, length, has_sound=True) for length in (2000, 2000 + more))
    assert (shorter.tokens or 0) <= (longer.tokens or 0)
