"""The DAGs that come with egoetl, as a bundle for an Airflow that is there already."""

from pathlib import Path
from typing import Any

from airflow.dag_processing.bundles.local import LocalDagBundle


class EgoetlDagBundle(LocalDagBundle):
    """One entry of `[dag_processor] dag_bundle_config_list`, the same on every machine wherever egoetl is installed there."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(path=str(dags_folder()), **kwargs)


def dags_folder() -> Path:
    """The folder of DAG files: inside an installed package, or beside `plugins/` in the repository."""
    package = Path(__file__).parent
    installed = package / "dags"
    return installed if installed.is_dir() else package.parents[1] / "dags"
