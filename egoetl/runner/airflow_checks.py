"""Checks of Airflow, asked of Airflow itself in a process of its own: nothing in `egoetl/` imports it."""

import importlib.metadata
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from egoetl.runner.check import Check, failed

TESTED = "3.3."
_SECONDS = 120
# Airflow puts its plugins folder on the path, where egoetl_airflow may lie.
_PROGRAM = """
import airflow.settings
airflow.settings.prepare_syspath_for_config_and_plugins()
from egoetl_airflow.checks import main
main()
"""


def airflow_checks(environment: Mapping[str, str]) -> list[Check]:
    """Airflow's version, its DAG folders, the plugin and the notifiers. Builds run without Airflow: not having it is no failure."""
    try:
        version = importlib.metadata.version("apache-airflow-core")
    except importlib.metadata.PackageNotFoundError:
        return [Check(name="airflow", ok=True, detail="not installed; `egoetl build run` works without it")]
    merged = {**os.environ, **environment}
    home = Path(merged.get("AIRFLOW_HOME", Path.home() / "airflow"))
    if not version.startswith(TESTED):
        return [failed("airflow", f"Airflow {version} is installed; install 3.3, which egoetl is made for.")]
    if not home.is_dir():
        return [Check(name="airflow", ok=True, detail=f"{version}, not set up: there is no {home}")]
    airflow = Check(name="airflow", ok=True, detail=f"{version}, at home in {home}")
    return [airflow, *_asked(merged)]


def _asked(environment: Mapping[str, str]) -> list[Check]:
    command = [sys.executable, "-c", _PROGRAM]
    try:
        ended = subprocess.run(command, env=dict(environment), capture_output=True, text=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return [failed("airflow plugin", f"Airflow did not answer within {_SECONDS} s; run `airflow info` to see what keeps it.")]
    if ended.returncode != 0:
        last = (ended.stderr.strip().splitlines() or ["it said nothing"])[-1]
        remedy = "install egoetl in Airflow's environment, see docs/existing-airflow.md"
        return [failed("airflow plugin", f"Airflow cannot load egoetl_airflow ({last.replace('; ', ', ')}); {remedy}.")]
    return [Check.model_validate(each) for each in json.loads(ended.stdout.splitlines()[-1])]
