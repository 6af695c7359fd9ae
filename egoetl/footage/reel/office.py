"""A tiled desk with narrow-band sound and a window in which nothing happens."""

from egoetl.footage.script import NTSC, Pan, Script, Stray, Thing, burst, enters, impact, leaves, slides, speech, tone

OFFICE = Script(
    name="office",
    split="train",
    length_ms=36_000,
    rate=NTSC,
    surface="tile",
    sound_hz=16_000,
    walk=0.6,
    things=(
        Thing("purple", "box", "INK", lane=1, x=0.2, size=0.105).does(
            slides(3_500, -0.1, sound=tone(820, 600)),
            leaves(23_000, "left", sound=impact()),
        ),
        Thing("orange", "ball", "PINS", lane=3, x=-0.2).does(
            slides(1_100, 0.1, sound=impact(), by_hand=True),
            leaves(30_800, "right", sound=tone(550), by_hand=True),
        ),
        Thing("cyan", "ball", "CLIP", lane=0).does(
            enters(8_400, "left", -0.2),
            slides(20_900, 0.2, ms=1_300, sound=burst(900)),
        ),
        Thing("yellow", "box", "NOTE", lane=1).does(
            enters(28_300, "right", 0.25),
            slides(32_800, 0.0, ms=1_100, sound=impact()),
        ),
    ),
    pans=(Pan(24_800, 1_800, 0.13),),
    strays=(Stray(6_700, burst(900)), Stray(26_000, speech(1_600))),
)
