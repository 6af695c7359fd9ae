"""The good videos of the damaged set: short and small, so that a build over them takes seconds."""

from dataclasses import replace
from fractions import Fraction

from egoetl.footage.reel.hallway import HALLWAY
from egoetl.footage.script import Script, Stray, Thing, burst, enters, impact, leaves, slides, tone

PANTRY = Script(
    name="good_pantry",
    split="train",
    length_ms=12_000,
    rate=Fraction(15),
    size=(320, 180),
    surface="wood",
    things=(
        Thing("red", "box", "RICE", lane=1, x=-0.1).does(slides(1_200, 0.2, sound=impact()), leaves(7_000, "right", sound=tone(900))),
        Thing("blue", "ball", "SALT", lane=3).does(enters(4_000, "left", 0.0, sound=burst(800), by_hand=True)),
    ),
    strays=(Stray(10_400, impact()),),
)
"""The video that is damaged."""

CORRIDOR = replace(HALLWAY, name="good_corridor", size=(320, 180), rate=Fraction(15))

GOOD_REEL: tuple[Script, ...] = (PANTRY, CORRIDOR)
