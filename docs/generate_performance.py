#!/usr/bin/env python3
"""Write docs/performance.md from the results that the benchmarks kept: `python docs/generate_performance.py`."""

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
RESULTS = HERE.parent / "bench" / "results"
HEAD = """# Performance

*Made by `docs/generate_performance.py` from `bench/results/`; a test holds it to them. Do not edit it.*

Every figure is a ratio against an anchor that was measured in the same run on the same machine; seconds are CPU seconds of
the client, user and system, unless the unit says otherwise. Wall times on other machines differ, ratios should not by much.
Measure again with `.venv/bin/python bench/NAME.py --keep`, then `make docs`.
"""


def page() -> str:
    """The whole page: a section and a table for each benchmark."""
    return "\n".join([HEAD, *(_section(json.loads(file.read_text(encoding="utf-8"))) for file in sorted(RESULTS.glob("*.json")))])


def _section(result: dict[str, Any]) -> str:
    rows = "\n".join(_row(row) for row in result["rows"])
    return f"""## bench/{result["benchmark"]}.py

{result["day"]}, {result["machine"]}

| | ours | anchor | unit | ratio | target | |
|---|---|---|---|---|---|---|
{rows}
"""


def _row(row: dict[str, Any]) -> str:
    sign = "≤" if row["goal"] == "at most" else "≥"
    ours, anchor, ratio, target = (f"{row[name]:.3g}" for name in ("ours", "anchor", "ratio", "target"))
    what = f"{row['name']}, against {row['anchor_name']}"
    return f"| {what} | {ours} | {anchor} | {row['unit']} | {ratio} | {sign} {target} | {'met' if row['met'] else '**missed**'} |"


if __name__ == "__main__":
    (HERE / "performance.md").write_text(page(), encoding="utf-8")
