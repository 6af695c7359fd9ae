#!/usr/bin/env python3
"""Write the secrets of docker-compose.yml into a folder, one file each; those that are there stay. Needs only Python.

python3 deploy/make_secrets.py /etc/egoetl/secrets
"""

import base64
import json
import os
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path


def main(folder: Path) -> None:
    """Fill the folder. Only its owner may enter it; inside, files are readable, since each image has a user of its own."""
    if folder.resolve().is_relative_to(Path(__file__).resolve().parents[1]):
        sys.exit(f"{folder} lies in the checkout, where commits and images could take it along; name another, as /etc/egoetl/secrets.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    passwords = {
        name: kept(folder / f"{name}_password") for name in ("postgres", "postgres_airflow", "postgres_owner", "worker", "analyst")
    }
    kept(folder / "airflow_admin_password")
    kept(folder / "airflow_fernet_key", base64.urlsafe_b64encode(os.urandom(32)).decode())
    kept(folder / "airflow_api_secret_key")
    kept(folder / "airflow_jwt_secret")
    key, secret = kept(folder / "store_access_key", secrets.token_hex(10)), kept(folder / "store_secret_key")
    for name, text in derived(passwords, key, secret):
        write(folder / name, text)


def derived(passwords: dict[str, str], key: str, secret: str) -> Iterator[tuple[str, str]]:
    """The files that hold passwords in the form that a program reads."""
    database = "postgres:5432"
    yield "airflow_database_url", f"postgresql+psycopg2://airflow:{passwords['postgres_airflow']}@{database}/airflow"
    yield "airflow_database_url_async", f"postgresql+asyncpg://airflow:{passwords['postgres_airflow']}@{database}/airflow"
    yield "egoetl_database_url", f"postgresql://egoetl_worker:{passwords['worker']}@{database}/egoetl"
    yield "egoetl_database_owner_url", f"postgresql://egoetl_admin:{passwords['postgres_owner']}@{database}/egoetl"
    yield "store_credentials", f"[default]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n"
    identity = {
        "name": "egoetl",
        "credentials": [{"accessKey": key, "secretKey": secret}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    yield "store_identities", json.dumps({"identities": [identity]}, indent=2)


def kept(path: Path, fresh: str | None = None) -> str:
    """What the file holds; where there is none, a fresh secret, which is safe in a URL."""
    if not path.exists():
        write(path, fresh or secrets.token_urlsafe(32))
    return path.read_text(encoding="utf-8")


def write(path: Path, text: str) -> None:
    """Write a file whole, or not at all."""
    partial = path.with_suffix(".partial")
    partial.write_text(text, encoding="utf-8")
    partial.chmod(0o444)
    partial.replace(path)


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit("usage: make_secrets.py FOLDER")
    main(Path(sys.argv[1]))
