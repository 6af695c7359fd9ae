"""What failed, one block a unit: ids and messages are too long for columns."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.text import Text

from egoetl.cli.terminal import Terminal


def print_failures(build: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Print failed units with reason, message, and where they were last tried."""
    terminal = Terminal()
    if not rows:
        terminal.print(f"Nothing failed in {build}.")
    for row in rows:
        unit = f"manifest line {row['unit_id']}" if row["unit_kind"] == "row" else row["unit_id"]
        terminal.print(Text.assemble((row["stage"], "bold"), f" {unit}: {row['reason']} ({row['error_class']})"), soft_wrap=True)
        terminal.print(f"  {row['message']}", soft_wrap=True)
        if str(row["reason"]).startswith("reply_"):
            terminal.print(f"  what was said: egoetl replies {build} --unit {row['unit_id']}", soft_wrap=True)
        if row["mended_by"]:
            terminal.print(f"  mended by {row['mended_by']}", style="green", soft_wrap=True)
        if row["attempts"]:
            terminal.print(f"  {_tried(row)}", style="dim", soft_wrap=True)


def _tried(row: Mapping[str, Any]) -> str:
    tries = f"{row['attempts']} attempt{'s' if row['attempts'] > 1 else ''}, the last by process {row['pid']} on {row['host']}"
    if row["dag_id"] is None:
        return tries
    index = f"[{row['map_index']}]" if row["map_index"] is not None and row["map_index"] >= 0 else ""
    return f"{tries}, Airflow {row['dag_id']} {row['run_id']} {row['task_id']}{index} try {row['try_number']}"
