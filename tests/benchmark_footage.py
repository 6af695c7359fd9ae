"""The benchmarks' fixtures, each with the sample videos under the names that its questions give them."""

import shutil
from pathlib import Path

from st_evidence_pictures import draw_options

from egoetl.benchmarks.index import load
from egoetl.engines.replay.recording import SAMPLE
from egoetl.testing.benchmark_data import FolderData

FIXTURES = Path(__file__).parent / "fixtures" / "benchmarks"


def fixture_with_videos(benchmark: str, folder: Path) -> Path:
    """A copy of a benchmark's fixture in `folder`, with its videos; returns the copy."""
    data = shutil.copytree(FIXTURES / benchmark, folder / benchmark)
    for uri in {each.uri for each in load(benchmark).load(FolderData(data)).questions}:
        sample = "hallway" if "hallway" in uri else "playroom"
        file = data / uri
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(SAMPLE / f"{sample}.mp4", file if file.suffix else file.with_suffix(".mp4"))
    if benchmark == "st_evidence_mcq":
        draw_options(data)
    return data
