"""A carpet that ends in a segment of four and a half seconds."""

from egoetl.footage.script import Pan, Script, Stray, Thing, burst, enters, impact, leaves, shifts, slides, speech, tone

PLAYROOM = Script(
    name="playroom",
    split="test",
    length_ms=24_500,
    surface="carpet",
    walk=1.2,
    things=(
        Thing("pink", "ball", "LION", lane=2, x=-0.1).does(
            slides(900, 0.2, sound=impact()),
            leaves(11_000, "right", sound=impact()),
        ),
        Thing("blue", "box", "BEAR", lane=0, x=0.25).does(
            slides(3_000, -0.1, sound=tone(1_200, 500)),
            leaves(20_800, "left", sound=tone(900, 500)),
        ),
        Thing("green", "ball", "FROG", lane=3, size=0.105).does(
            enters(8_000, "left", -0.15, sound=burst(800)),
            slides(18_300, 0.25, ms=1_400, by_hand=True),
        ),
        Thing("orange", "box", "CATS", lane=2).does(
            enters(13_200, "right", 0.1, sound=tone(660, 600)),
            shifts(22_800, 1, sound=impact()),
        ),
    ),
    pans=(Pan(15_000, 1_600, -0.13),),
    strays=(Stray(6_200, speech(1_400)), Stray(16_500, impact())),
)
