"""What `egoetl doctor` asks of Airflow: where its DAGs come from, and whether the notifiers can be made; and what it asks of Kubernetes."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from airflow.dag_processing.bundles.manager import DagBundlesManager

import egoetl_airflow
from egoetl.core.errors import ConfigError
from egoetl.core.settings import NotifierSetting, load_settings
from egoetl_airflow.notifying import made

REMEDY = "add the bundle egoetl_airflow.dag_bundle.EgoetlDagBundle to [dag_processor] dag_bundle_config_list, see docs/existing-airflow.md"


def main() -> None:
    """Print the checks, as a JSON list, on the last line."""
    sys.stdout.write("\n" + json.dumps(list(airflow_checks())) + "\n")


def airflow_checks() -> Iterator[dict[str, Any]]:
    """Each check as a dict of name, ok, detail and, where it failed, remedy."""
    yield {"name": "airflow plugin", "ok": True, "detail": str(Path(egoetl_airflow.__file__).parent)}
    folders = {bundle.name: bundle.path for bundle in DagBundlesManager().get_all_dag_bundles()}
    detail = ", ".join(f"{name} in {path}" for name, path in folders.items()) or "no DAG bundle"
    if any(_makes_builds(path) for path in folders.values()):
        yield {"name": "airflow DAGs", "ok": True, "detail": detail}
    else:
        yield {"name": "airflow DAGs", "ok": False, "detail": f"no DAG of egoetl in {detail}", "remedy": REMEDY}
    try:
        settings = load_settings()
    except ConfigError as error:
        yield {"name": "notifiers", "ok": False, "detail": str(error), "remedy": None}
        return
    yield from map(_notifier, settings.notifiers)
    if settings.execution == "kubernetes":
        from egoetl_airflow.pods.pod_checks import pod_checks

        yield from pod_checks()


def _makes_builds(folder: Path) -> bool:
    return any("egoetl_airflow" in file.read_text(encoding="utf-8", errors="replace") for file in folder.rglob("*.py"))


def _notifier(setting: NotifierSetting) -> dict[str, Any]:
    name = f"notifier {setting.notifier.rpartition('.')[2]}"
    try:
        made([setting])
    except Exception as error:  # noqa: BLE001 - whatever somebody else's class raises when it is made is what doctor has to say
        remedy = "install its package beside Airflow, or correct EGOETL_NOTIFIERS"
        return {"name": name, "ok": False, "detail": f"{type(error).__name__}: {error}", "remedy": remedy}
    return {"name": name, "ok": True, "detail": setting.notifier}
