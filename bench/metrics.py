"""What scoring costs, against the reference implementations: `python bench/metrics.py [--quick] [--only NAME] [--json] [--keep]`.

Each `metric_*.py` beside this file measures one metric: it makes sure that ours and the anchor give the same, and then measures both in
turn in this process, in CPU seconds. Compiling kernels is not measured: it takes some seconds once, and is kept on the disk.
"""

import argparse
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from ratio_table import Row, report

PARTS = tuple(sorted(file.stem.removeprefix("metric_") for file in Path(__file__).parent.glob("metric_*.py")))
SMALLER = {"masks", "retrieval"}
"""Parts that `--quick` makes smaller; the others are small."""


def measure(arguments: argparse.Namespace) -> Sequence[Row]:
    """Metrics against their reference implementations, after it was made sure that both give the same."""
    return [row for part in arguments.only or PARTS for row in _rows(part, quick=arguments.quick)]


def _rows(part: str, *, quick: bool) -> Sequence[Row]:
    rows = import_module(f"metric_{part}").rows
    return rows(quick=True) if quick and part in SMALLER else rows()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=measure.__doc__)
    parser.add_argument("--quick", action="store_true", help="small inputs, once each: whether it works, not how fast it is")
    parser.add_argument("--only", action="append", choices=PARTS, help="measure this metric; may be given again")
    report("metrics", measure, parser)
