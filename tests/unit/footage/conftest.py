"""A script small enough to reason about."""

import pytest

from egoetl.footage.script import Pan, Script, Stray, Thing, enters, impact, leaves, shifts, slides, tone


@pytest.fixture
def script() -> Script:
    """Six seconds: a ball that is there from the start, slides and goes; a box that comes and changes lanes; one pan."""
    return Script(
        name="tiny",
        split="train",
        length_ms=6_000,
        size=(160, 90),
        surface="tile",
        sound_hz=16_000,
        things=(
            Thing("red", "ball", "A", lane=1, x=0.0, size=0.1).does(
                slides(500, 0.2, ms=1_000, sound=impact()),
                leaves(4_000, "right", ms=1_000),
            ),
            Thing("blue", "box", "B", lane=2, size=0.1).does(
                enters(1_000, "left", -0.2, ms=1_000, by_hand=True),
                shifts(5_200, 3, ms=500),
            ),
        ),
        pans=(Pan(2_500, 1_000, 0.1),),
        strays=(Stray(3_000, tone(ms=300)),),
        cuts_ms=(2_000,),
    )
