"""A short clip in which the wearer turns to another part of the room."""

from egoetl.footage.script import Pan, Script, Stray, Thing, burst, enters, impact, leaves, slides, speech, tone

HALLWAY = Script(
    name="hallway",
    split="test",
    length_ms=14_000,
    size=(640, 360),
    surface="tile",
    walk=1.4,
    things=(
        Thing("pink", "box", "HATS", lane=1, x=0.0).does(leaves(2_600, "left", ms=1_500, sound=tone(700))),
        Thing("green", "ball", "KEYS", lane=2, x=0.2, size=0.08).does(leaves(800, "right", ms=1_000, sound=impact())),
        Thing("blue", "ball", "SOAP", lane=1, size=0.11).does(
            enters(7_700, "right", 0.7, sound=impact()),
            slides(12_700, 0.4, ms=1_000, sound=tone(1_000, 500)),
        ),
        Thing("red", "box", "MAIL", lane=3).does(enters(10_800, "left", 0.45, sound=speech(1_300), by_hand=True)),
    ),
    pans=(Pan(4_400, 1_800, 0.6),),
    strays=(Stray(6_000, burst(600)),),
)
