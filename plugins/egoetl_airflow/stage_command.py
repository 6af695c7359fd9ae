"""The contract with the work: `egoetl` command lines, the environment they run in, and what their exit codes mean."""

import os
import re
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from airflow.sdk.exceptions import AirflowException, AirflowFailException

from egoetl.core.command_process import Ended
from egoetl.core.errors import CancelledError, TryAgainError

OWNER_VARIABLE = "EGOETL_DATABASE_OWNER_URL"
SHELL_SIGNAL = 128
"""The lifeline, like a shell, exits with this plus the number of the signal that ended the command."""


def executable() -> str:
    """The `egoetl` command of the environment that Airflow runs in."""
    return str(Path(sys.executable).with_name("egoetl"))


def build_name(prefix: str, run_id: str) -> str:
    """The build of a DAG run: the same for all tasks of a run, and for a run that is cleared and runs again."""
    return f"{prefix}-" + re.sub(r"[^A-Za-z0-9_.-]+", "-", run_id)


def environment(context: Mapping[str, Any], *, as_owner: bool = False) -> dict[str, str]:
    """This process's environment and the task's coordinates; the address of the database's owner only `as_owner`."""
    # Empty rather than absent: it goes before a file of that name in the folder of secrets.
    withheld = {} if as_owner else {OWNER_VARIABLE: ""}
    # Unbuffered, so that lines reach the task's log as they are written.
    return {**os.environ, **withheld, **coordinates(context), "PYTHONUNBUFFERED": "1"}


def coordinates(context: Mapping[str, Any]) -> dict[str, str]:
    """The task's place in Airflow, under which attempts are recorded."""
    ti = context["ti"]
    return {
        "EGOETL_AIRFLOW_DAG_ID": ti.dag_id,
        "EGOETL_AIRFLOW_RUN_ID": ti.run_id,
        "EGOETL_AIRFLOW_TASK_ID": ti.task_id,
        "EGOETL_AIRFLOW_MAP_INDEX": str(ti.map_index),
        "EGOETL_AIRFLOW_TRY_NUMBER": str(ti.try_number),
    }


def check(what: str, ended: Ended) -> None:
    """Return if the command succeeded.

    Raises:
        AirflowException: a passing trouble (exit code 75) or a signal ended it; Airflow tries again.
        AirflowFailException: trying again would not help, or is not wanted since somebody has cancelled the build.
    """
    if ended.code == 0:
        return
    reason = ended.last_error or ended.last_output or "it wrote nothing"
    if (number := _signal_of(ended.code)) is not None:
        raise AirflowException(f"{what} was ended by signal {number}; its last line: {reason}")
    if ended.code == TryAgainError.exit_code:
        raise AirflowException(f"{what} asks to be tried again: {reason}")
    if ended.code == CancelledError.exit_code:
        raise AirflowFailException(f"{what} was stopped: {reason}")
    raise AirflowFailException(f"{what} failed with exit code {ended.code}: {reason}")


def _signal_of(code: int) -> int | None:
    """The signal behind an exit code: negative where the lifeline itself was ended with the command."""
    number = -code if code < 0 else code - SHELL_SIGNAL
    return number if 0 < number < signal.NSIG else None
