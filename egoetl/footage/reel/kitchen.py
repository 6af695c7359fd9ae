"""A worktop: knocks and taps that belong to what moves, and a long quiet stretch."""

from egoetl.footage.script import NTSC, Pan, Script, Stray, Thing, burst, enters, impact, leaves, slides, speech, tone

KITCHEN = Script(
    name="kitchen",
    split="train",
    length_ms=43_700,
    rate=NTSC,
    surface="wood",
    things=(
        Thing("red", "ball", "TEA", lane=1, x=-0.22).does(
            slides(1_000, 0.12, sound=impact()),
            slides(18_400, -0.2, sound=tone(740)),
            slides(40_900, 0.15, sound=impact()),
        ),
        Thing("blue", "box", "SALT", lane=2, x=0.2, size=0.11).does(leaves(8_300, "right", sound=burst(900))),
        Thing("green", "box", "RICE", lane=3).does(
            enters(3_200, "left", -0.12),
            slides(13_400, 0.22, by_hand=True),
            leaves(38_200, "right", sound=impact(), by_hand=True),
        ),
        Thing("yellow", "ball", "LIME", lane=0, size=0.08).does(
            enters(11_200, "right", 0.26, sound=tone()),
            leaves(30_800, "right", sound=burst()),
        ),
        Thing("orange", "box", "JAM", lane=0).does(enters(32_600, "left", -0.2)),
    ),
    pans=(Pan(15_600, 2_000, 0.12), Pan(23_000, 2_000, -0.12)),
    strays=(Stray(6_600, speech(1_500)), Stray(16_800, impact()), Stray(35_700, tone(660))),
)
