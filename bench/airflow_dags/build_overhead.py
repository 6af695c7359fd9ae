"""The build of `overhead_build.py` as a DAG: by the factory and the operators that make `build_egoavu`, with another `egoetl`."""

import os
import sys
from pathlib import Path

from egoetl_airflow import stage_operator
from egoetl_airflow.dag_factory import build_dag

# At the end: the bench's own airflow.py must not hide Airflow.
sys.path.append(str(Path(__file__).resolve().parents[1]))
from overhead_build import RECIPE

stage_operator.executable = lambda: os.environ["BENCH_EGOETL"]
dag = build_dag(RECIPE)
