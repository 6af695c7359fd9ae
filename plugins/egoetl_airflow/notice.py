"""What is said of a build that failed or is late: how many units, why, and which command shows more."""

import json
import os
import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from egoetl_airflow.stage_command import executable

MOST_REASONS = 10
LINEAGE_SECONDS = 40
"""How long lineage is asked: Airflow gives a callback 50 seconds."""


class Notice(NamedTuple):
    """One message: `title` for a subject line, `text` for everything, of several lines."""

    build: str
    title: str
    text: str


def notice_of(build: str, what: str, where: str) -> Notice:
    """The message about a build, from lineage.

    Args:
        build: its name.
        what: what happened, as the end of a sentence: `failed`.
        where: the Airflow run, and its task where one is known.
    """
    report, trouble = _ask_lineage(build)
    if report is None:
        text = [f"Build {build} {what}.", f"Lineage says nothing of it: {trouble}", f"Look at it: egoetl build failed {build}", where]
        return Notice(build, f"egoetl: build {build} {what}", "\n".join(text))
    if report["state"] == "cancelled":
        what = "was cancelled"
    counts = _counts(report)
    summary = f"{counts['failed']} of {counts['total']} units failed"
    text = [
        f"Build {build} {what}: {summary}, {counts['blocked']} are blocked, {counts['pending']} are pending.",
        *_reasons(report["failures"]),
        f"Look at it: egoetl build failed {build}",
        where,
    ]
    return Notice(build, f"egoetl: build {build} {what}, {summary}", "\n".join(text))


def _ask_lineage(build: str) -> tuple[dict[str, Any] | None, str]:
    """The build's report, or what went wrong: a message is sent in any case."""
    command = [executable(), "build", "show", build, "--json"]
    environment = {**os.environ, "EGOETL_PATIENCE_SECONDS": "10"}
    try:
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=LINEAGE_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return None, f"{' '.join(command[1:])} did not answer ({type(error).__name__})."
    if ended.returncode != 0:
        return None, (ended.stderr.strip().splitlines() or [f"it ended with exit code {ended.returncode}."])[-1]
    return json.loads(ended.stdout.splitlines()[-1]), ""


def _counts(report: Mapping[str, Any]) -> Counter[str]:
    total: Counter[str] = Counter()
    for counts in report["counts"].values():
        total.update({name: counts[name] for name in ("total", "failed", "blocked", "pending")})
    return total


def _reasons(failures: Sequence[Mapping[str, Any]]) -> list[str]:
    """Failures by stage and reason, the most frequent first."""
    counted = Counter((each["stage"], each["reason"]) for each in failures).most_common()
    lines = [f"  {units} x {stage}: {reason}" for (stage, reason), units in counted[:MOST_REASONS]]
    return [*lines, f"  and {len(counted) - MOST_REASONS} more reasons"] if len(counted) > MOST_REASONS else lines
