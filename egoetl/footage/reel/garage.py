"""A workplace with a hum that never stops."""

from egoetl.footage.script import Pan, Script, Stray, Thing, burst, enters, hum, impact, leaves, shifts, slides, speech, tone

GARAGE = Script(
    name="garage",
    split="train",
    length_ms=28_000,
    size=(640, 360),
    surface="wood",
    things=(
        Thing("red", "box", "FUSE", lane=1, x=-0.25).does(
            slides(1_000, 0.2, ms=1_400, sound=impact()),
            leaves(18_400, "left", ms=1_400),
        ),
        Thing("yellow", "ball", "OIL", lane=2, x=0.1, size=0.08).does(leaves(3_300, "right", sound=burst(900))),
        Thing("green", "box", "BOLT", lane=0).does(
            enters(8_300, "left", -0.1),
            slides(13_200, 0.25, sound=impact()),
            shifts(23_300, 1),
        ),
        Thing("purple", "ball", "FILL", lane=3).does(
            enters(10_900, "right", 0.1, sound=tone(1_100, 500), by_hand=True),
            slides(21_000, -0.1, sound=burst(800), by_hand=True),
        ),
    ),
    pans=(Pan(15_000, 2_000, 0.12),),
    strays=(Stray(0, hum(28_000)), Stray(6_500, tone(700)), Stray(16_700, speech(1_500)), Stray(25_800, impact())),
)
