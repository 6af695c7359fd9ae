"""Airflow reads its configuration when it is first imported, by whichever test, so its home is made before any test module is read."""

import atexit
import os
import secrets
import shutil
import tempfile
from pathlib import Path

TESTS = Path(__file__).parent
HOME = Path(tempfile.mkdtemp(prefix="egoetl-airflow-"))
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
(HOME / "airflow.cfg").write_text(
    f"""
[core]
load_examples = False
simple_auth_manager_all_admins = True
dags_folder = {TESTS / "dags" / "small"}
plugins_folder = {TESTS.parent / "plugins"}
[api_auth]
jwt_secret = {secrets.token_hex(32)}
"""
)
os.environ["AIRFLOW_HOME"] = str(HOME)
