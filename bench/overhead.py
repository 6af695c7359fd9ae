"""What egoetl itself costs: one record through one stage, with an engine that answers at once.

Ours is what an Airflow task does over a shard, in a process of its own: read the ledger and the segment's records, content key,
claim, prompt, request, validation, part file, and one transaction of lineage a batch, over a real store and a real PostgreSQL.
The anchor is distilabel with the same records, the same template and an LLM class that answers at once, without lineage. Both are
measured as whole processes of two sizes: the difference is the cost of a further record, the larger run the cost with start-up.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from overhead_build import MEASURED, REPLY, SEGMENTS_OF_A_CLIP, InstantTools, prepare, records
from ratio_table import Row, client_cpu_seconds, report

from egoetl.core.settings import load_settings
from egoetl.lineage.migrate import upgrade
from egoetl.local.home import Home
from egoetl.local.postgres import Postgres

HERE = Path(__file__).parent
WARM_UP, FEW, MANY = 1, 28, 556
"""Clips of the runs."""
GOAL_MS = 0.25
DISTILABEL = "distilabel==1.5.3"
BESIDE = (
    "datasets==3.2.0", "dill==0.3.8", "huggingface-hub==0.28.1", "jinja2==3.1.6", "multiprocess==0.70.16", "numpy==2.2.6",
    "pandas==2.3.3", "pyarrow==26.0.1", "pydantic==2.10.6", "requests==2.34.2",
)  # fmt: skip
"""Releases of its libraries that it works with: it asks for none in particular, and was last released in January 2025."""
Run = Callable[[int, int], None]
"""Does the work for a number of clips; the second number tells repeats apart."""


@dataclass(frozen=True)
class Cost:
    """CPU milliseconds a record: of each further one, and of each in a process of MANY clips, its start included."""

    further: float
    with_start: float
    name: str


PUBLISHED = Cost(4.2, 4.9, "distilabel's published figure, which holds its HTTP client and was NOT measured in this run")
"""Marginal, and in a run of 3,000 requests; where distilabel cannot be installed."""


def measure(arguments: argparse.Namespace) -> Sequence[Row]:
    """One record through one stage with an engine that answers at once, against distilabel."""
    with tempfile.TemporaryDirectory(prefix="egoetl-overhead-") as name:
        folder = Path(name)
        # Both write and read bytecode, whatever the environment says of it.
        os.environ["PYTHONPYCACHEPREFIX"] = str(folder / "bytecode")
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        with prepared(folder, arguments.repeats) as work:
            ours = cost(work, arguments.repeats, "egoetl")
        theirs = anchor(folder, arguments.repeats)
    unit, start = "CPU ms a record", f"start-up included, {MANY * SEGMENTS_OF_A_CLIP:,} records"
    return [
        Row("each further record", ours.further, theirs.further, unit, theirs.name, 0.1),
        Row(start, ours.with_start, theirs.with_start, unit, theirs.name, 0.1),
        Row("each further record", ours.further, GOAL_MS, unit, "the goal", 1.0),
        Row(start, ours.with_start, GOAL_MS, unit, "the goal", 1.0),
    ]


def cost(run: Run, repeats: int, name: str) -> Cost:
    """The least of the repeats of each size, because a busy machine only ever adds."""
    run(WARM_UP, 0)
    few, many = (min(_cpu_ms(run, clips, repeat) for repeat in range(repeats)) for clips in (FEW, MANY))
    return Cost((many - few) / ((MANY - FEW) * SEGMENTS_OF_A_CLIP), many / (MANY * SEGMENTS_OF_A_CLIP), name)


def _cpu_ms(run: Run, clips: int, repeat: int) -> float:
    before, started = client_cpu_seconds(), time.monotonic()
    run(clips, repeat)
    seconds = client_cpu_seconds() - before
    print(f"{clips * SEGMENTS_OF_A_CLIP} records: {seconds:.2f} CPU s, {time.monotonic() - started:.1f} s", file=sys.stderr)
    return seconds * 1000


@contextmanager
def prepared(folder: Path, repeats: int) -> Iterator[Run]:
    """A database and a store with builds that wait for the measured stage; runs it in a process of its own."""
    server = Postgres(Home.at(folder / "home"))
    server.start()
    try:
        upgrade(server.url("egoetl"))
        os.environ["EGOETL_DATABASE_URL"] = server.url("egoetl")
        os.environ["EGOETL_STORE_URL"] = (folder / "store").as_uri()
        tools = InstantTools(load_settings())
        for repeat in range(repeats):
            for clips in (WARM_UP, FEW, MANY):
                asyncio.run(prepare(tools, f"{clips}-{repeat}", clips))
        yield lambda clips, repeat: _call(sys.executable, str(HERE / "overhead_worker.py"), f"{clips}-{repeat}")
    finally:
        server.remove()


def anchor(folder: Path, repeats: int) -> Cost:
    """What distilabel costs with the same records, or its published figure where it cannot be installed."""
    environment = folder / "distilabel"
    try:
        _call(sys.executable, "-m", "venv", str(environment))
        _call(str(environment / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", DISTILABEL, *BESIDE)
    except subprocess.CalledProcessError as error:
        print(f"distilabel cannot be installed:\n{error.stderr[-500:]}", file=sys.stderr)
        return PUBLISHED
    files = [folder / name for name in ("records.jsonl", "template.md", "reply.json")]
    with files[0].open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(record) + "\n" for record in asyncio.run(records(MANY)))
    files[1].write_text(MEASURED.prompts[0].body, encoding="utf-8")
    files[2].write_text(REPLY, encoding="utf-8")
    command = [str(environment / "bin" / "python"), str(HERE / "overhead_distilabel.py"), *map(str, files), str(folder / "cache")]
    return cost(lambda clips, _: _call(*command, str(clips * SEGMENTS_OF_A_CLIP)), repeats, f"{DISTILABEL} in this run")


def _call(*command: str) -> None:
    done = subprocess.run(command, cwd=HERE.parent, capture_output=True, text=True, check=False)
    if done.returncode:
        raise subprocess.CalledProcessError(done.returncode, command, done.stdout, done.stderr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=measure.__doc__)
    parser.add_argument("--repeats", type=int, default=3, help="runs of each size, of which the least counts")
    report("overhead", measure, parser)
