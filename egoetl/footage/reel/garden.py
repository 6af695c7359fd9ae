"""A clip without an audio track."""

from egoetl.footage.script import NTSC, Pan, Script, Thing, enters, leaves, shifts, slides

GARDEN = Script(
    name="garden",
    split="train",
    length_ms=30_000,
    rate=NTSC,
    surface="concrete",
    sound_hz=None,
    things=(
        Thing("green", "ball", "SEED", lane=1, x=-0.2).does(
            slides(1_000, 0.1),
            leaves(17_500, "left", ms=1_500),
        ),
        Thing("yellow", "ball", "SUN", lane=0, x=0.2).does(leaves(6_500, "right")),
        Thing("pink", "box", "ROSE", lane=2).does(
            enters(3_200, "right", 0.15),
            slides(11_000, -0.2),
            leaves(27_000, "left"),
        ),
        Thing("blue", "box", "RAIN", lane=0).does(
            enters(14_000, "left", 0.0),
            shifts(24_000, 1),
        ),
        Thing("red", "ball", "CLAY", lane=3).does(enters(21_000, "right", 0.1)),
    ),
    pans=(Pan(8_000, 1_600, -0.12),),
)
