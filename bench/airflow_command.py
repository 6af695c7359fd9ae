"""`egoetl` as the tasks of `airflow.py` run it: the recipe of `overhead_build.py`, and an engine that answers at once.

Whatever happens in `run_stage` is the work of a stage; all else is the start of a command. Both are noted, in CPU seconds of this
process, in the file that BENCH_COMMANDS names.
"""

import os
import time
from pathlib import Path
from typing import Any

from overhead_build import RECIPE, InstantTools

from egoetl.cli.main import main
from egoetl.recipes import index
from egoetl.runner import shard
from egoetl.runner.tools import Tools


def run() -> None:
    """The `egoetl` executable, with the bench's recipe among those that there are."""
    index._RECIPES[RECIPE.name] = ("overhead_build", "RECIPE")
    Tools.engines = InstantTools.engines
    run_stage = shard.run_stage

    async def noted(*arguments: Any) -> Any:
        before = time.process_time()
        report = await run_stage(*arguments)
        _note(before, time.process_time() - before)
        return report

    shard.run_stage = noted
    main()


def _note(start: float, work: float) -> None:
    with Path(os.environ["BENCH_COMMANDS"]).open("a", encoding="utf-8") as file:
        file.write(f"{start:.6f} {work:.6f}\n")
