"""The small benchmarks of `tests/fixtures/benchmarks`, laid out with the sample videos that they ask about."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from st_evidence_pictures import draw_masks, draw_options

FIXTURES = Path(__file__).parent / "fixtures" / "benchmarks"
SAMPLE = Path(__file__).parents[1] / "egoetl" / "engines" / "replay" / "sample"
VIDEOS: Mapping[str, Mapping[str, str]] = {
    "egoavu_bench": {"hallway.mp4": "hallway", "playroom.mp4": "playroom"},
    "egotextvqa": {
        "EgoTextVQA-Indoor/hallway.mp4": "hallway",
        "EgoTextVQA-Indoor/playroom.mp4": "playroom",
        "EgoTextVQA-Outdoor/11.mp4": "hallway",
        "EgoTextVQA-Outdoor/12.mp4": "playroom",
    },
    "egotempo": {
        "hallway_0_14.mp4": "hallway",
        "playroom_0.0_24.5.mp4": "playroom",
        "playroom_100.25_124.75.mp4": "playroom",
    },
    "st_evidence_gen": {"videos_6fps/hallway.mp4": "hallway", "videos_6fps/playroom.mp4": "playroom"},
    "st_evidence_mcq": {"videos_6fps/hallway.mp4": "hallway", "videos_6fps/playroom.mp4": "playroom"},
}
"""Sample videos by benchmark and address: `hallway` lasts 14 s, `playroom` 24.5 s."""

DRAWN: Mapping[str, Callable[[Path], None]] = {"st_evidence_gen": draw_masks, "st_evidence_mcq": draw_options}
"""What draws a benchmark's pictures into its folder."""


def lay_out(benchmark: str, into: Path) -> Path:
    """A folder for `--data`: the benchmark's files and, beside them, its videos and pictures."""
    shutil.copytree(FIXTURES / benchmark, into, dirs_exist_ok=True, ignore=shutil.ignore_patterns("README.md"))
    if draw := DRAWN.get(benchmark):
        draw(into)
    for address, sample in VIDEOS[benchmark].items():
        (into / address).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(SAMPLE / f"{sample}.mp4", into / address)
    return into
