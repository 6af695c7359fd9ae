"""What an Airflow task of the measured stage does, in a process of its own: `python bench/overhead_worker.py BUILD`."""

import asyncio
import sys

from overhead_build import MEASURED, InstantTools, run

from egoetl.cli.progress import StageProgress
from egoetl.core.settings import load_settings
from egoetl.runner.build import find_build


def main() -> None:
    """Run the stage over the build's one shard, as `egoetl stage run` does."""
    tools = InstantTools(load_settings())
    build = find_build(tools, sys.argv[1])
    with StageProgress() as progress:
        asyncio.run(run(tools, build, MEASURED.name, progress))


if __name__ == "__main__":
    main()
