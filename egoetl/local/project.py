"""Where the checkout lies whose DAGs and plugins the embedded Airflow runs."""

import os
from pathlib import Path

from egoetl.core.errors import ConfigError


def project_root() -> Path:
    """The folder that holds `dags/` and `plugins/`: EGOETL_PROJECT, else the one that egoetl was installed from.

    Raises ConfigError where there is none.
    """
    named = os.environ.get("EGOETL_PROJECT")
    root = Path(named).absolute() if named else Path(__file__).resolve().parents[2]
    for folder in ("dags", "plugins"):
        if not (root / folder).is_dir():
            raise ConfigError(
                f"{root} has no folder {folder}/; set EGOETL_PROJECT to a checkout of egoetl, or install one with `pip install -e`.",
                reason="project_not_found",
            )
    return root
