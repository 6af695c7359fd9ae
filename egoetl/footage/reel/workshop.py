"""A concrete floor with narrow-band sound."""

from egoetl.footage.script import Pan, Script, Stray, Thing, burst, enters, impact, leaves, shifts, slides, speech, tone

WORKSHOP = Script(
    name="workshop",
    split="train",
    length_ms=40_000,
    surface="concrete",
    sound_hz=16_000,
    things=(
        Thing("cyan", "box", "BITS", lane=0, x=-0.25).does(
            slides(900, 0.05, sound=impact()),
            shifts(23_000, 1, sound=impact()),
            slides(38_300, 0.28, ms=1_000),
        ),
        Thing("orange", "ball", "TAPE", lane=2, x=0.1).does(
            slides(8_000, -0.2, ms=1_300),
            leaves(28_000, "left", ms=1_000),
        ),
        Thing("purple", "ball", "GLUE", lane=1, size=0.08).does(
            enters(2_800, "right", 0.25, sound=tone(990, 600)),
            leaves(10_800, "left", ms=2_000, sound=impact()),
        ),
        Thing("red", "box", "NAIL", lane=3, size=0.11).does(
            enters(13_900, "left", -0.1, ms=1_500, sound=burst(700), by_hand=True),
            slides(21_000, 0.2, sound=tone(740), by_hand=True),
            leaves(36_300, "right", sound=burst(600), by_hand=True),
        ),
        Thing("yellow", "ball", "WAX", lane=2).does(enters(30_700, "right", 0.0, ms=1_700, sound=impact())),
    ),
    pans=(Pan(16_000, 2_200, -0.13), Pan(34_500, 1_500, 0.13)),
    strays=(Stray(6_300, burst(1_000)), Stray(17_200, speech(1_700)), Stray(26_000, impact()), Stray(34_200, tone(520))),
)
