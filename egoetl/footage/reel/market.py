"""The long one, which the manifest cuts into two clips."""

from egoetl.footage.script import Pan, Script, Stray, Thing, burst, enters, impact, leaves, shifts, slides, speech, tone

MARKET = Script(
    name="market",
    split="train",
    length_ms=75_000,
    surface="carpet",
    cuts_ms=(40_000,),
    things=(
        Thing("yellow", "box", "CORN", lane=0, x=-0.1).does(leaves(8_500, "left", sound=tone(620))),
        Thing("blue", "ball", "PLUM", lane=1, x=0.2).does(
            slides(1_200, -0.15, ms=1_300, sound=impact()),
            leaves(18_600, "left"),
        ),
        Thing("red", "ball", "BEET", lane=3, size=0.085).does(
            enters(3_600, "right", 0.2),
            slides(13_500, -0.05, sound=impact(), by_hand=True),
            leaves(38_300, "left", sound=burst(800), by_hand=True),
        ),
        Thing("green", "box", "PEAS", lane=0).does(
            enters(11_000, "left", 0.0, ms=1_600, sound=burst(700)),
            slides(30_600, 0.25, sound=impact()),
            leaves(48_200, "right", sound=tone(500)),
        ),
        Thing("purple", "box", "FIGS", lane=1).does(
            enters(32_600, "right", 0.1, sound=tone(1_000, 500)),
            slides(43_000, -0.2),
            leaves(58_300, "left", ms=1_100),
        ),
        Thing("orange", "ball", "YAM", lane=2, size=0.11).does(
            enters(40_900, "left", -0.1, sound=impact()),
            slides(53_200, 0.2, ms=1_300, sound=impact()),
            slides(69_400, -0.2, ms=1_500, sound=burst(900)),
        ),
        Thing("cyan", "ball", "MINT", lane=0).does(
            enters(50_800, "right", 0.2, sound=speech(1_400)),
            shifts(61_000, 1, sound=impact()),
            leaves(73_000, "right", sound=impact()),
        ),
        Thing("red", "box", "TEAS", lane=3).does(enters(70_900, "left", 0.0, sound=tone(830), by_hand=True)),
    ),
    pans=(Pan(15_000, 2_000, 0.14), Pan(44_500, 2_000, -0.2), Pan(68_000, 1_500, 0.1)),
    strays=(
        Stray(6_800, speech(1_500)),
        Stray(17_000, tone(600, 500)),
        Stray(36_000, impact()),
        Stray(46_200, burst(900)),
        Stray(56_400, tone(440, 800)),
        Stray(64_500, tone(1_300, 400)),
        Stray(66_000, speech(1_800)),
        Stray(67_000, impact(-1.0)),
    ),
)
