"""The one form in which every benchmark reports: ratios against anchors that were measured in the same run."""

import argparse
import json
import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import psutil

RESULTS = Path(__file__).with_name("results")


@dataclass(frozen=True)
class Row:
    """One measurement: `ours` and `anchor` in the same unit. `goal` says whether the ratio is to be at most or at least `target`."""

    name: str
    ours: float
    anchor: float
    unit: str
    anchor_name: str
    target: float
    goal: Literal["at most", "at least"] = "at most"

    @property
    def ratio(self) -> float:
        """Ours divided by the anchor."""
        return self.ours / self.anchor

    @property
    def met(self) -> bool:
        """Whether the ratio reaches its target."""
        return self.ratio <= self.target if self.goal == "at most" else self.ratio >= self.target

    def as_json(self) -> dict[str, object]:
        """The row with its ratio and whether the target is met."""
        return {**asdict(self), "ratio": round(self.ratio, 5), "met": self.met}


def client_cpu_seconds() -> float:
    """CPU seconds, user and system, of this process and of the children that it has waited for."""
    times = psutil.Process().cpu_times()
    return times.user + times.system + times.children_user + times.children_system


def report(benchmark: str, measure: Callable[[argparse.Namespace], Sequence[Row]], parser: argparse.ArgumentParser | None = None) -> None:
    """Run `measure`, print its table, and with `--json` one object; `--keep` also writes it to `results/<benchmark>.json`."""
    parser = parser or argparse.ArgumentParser(description=measure.__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    parser.add_argument("--keep", action="store_true", help="write the result for docs/performance.md")
    arguments = parser.parse_args()
    rows = measure(arguments)
    made = {"benchmark": benchmark, "day": f"{datetime.now(UTC):%Y-%m-%d}", "machine": machine(), "rows": [row.as_json() for row in rows]}
    if arguments.keep:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"{benchmark}.json").write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(made) if arguments.json else as_text(rows))


def machine() -> str:
    """What the figures were measured on, in words."""
    memory = psutil.virtual_memory().total / 2**30
    return f"{psutil.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def as_text(rows: Sequence[Row]) -> str:
    """The rows as a table for a terminal of 80 columns: what, ours and the anchor, ratio and target."""
    lines = [f"{'':<34} {'ours':>10} {'anchor':>10} {'ratio':>8} {'target':>9}"]
    for row in rows:
        sign = "<=" if row.goal == "at most" else ">="
        lines.append(f"{row.name[:34]:<34} {row.ours:>10.4g} {row.anchor:>10.4g} {row.ratio:>8.3g} {sign}{row.target:>7.3g}")
        lines.append(f"  {row.unit}, against {row.anchor_name}: {'met' if row.met else 'MISSED'}")
    return "\n".join(lines)
