#!/usr/bin/env python3
"""What an installation of docker-compose.yml needs before its services start. Makes what is missing, so it runs at every start."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from egoetl_airflow.pools import FILE as POOLS

ADMIN = "admin"
SECRETS = Path(os.environ.get("EGOETL_SECRETS_FOLDER", "/run/secrets"))


def main() -> None:
    """Airflow's database, pools and first user; the lineage database's roles, logins and schema; the store's bucket."""
    run("airflow", "db", "migrate")
    import_pools()
    make_admin()
    # Roles first: what the migration makes then belongs to the owner's role.
    run("egoetl", "db", "roles")
    run("egoetl", "db", "upgrade")
    run("egoetl", "db", "login", "egoetl_worker", "--role", "writer", answer=secret("worker_password"))
    run("egoetl", "db", "login", "egoetl_analyst", "--role", "reader", answer=secret("analyst_password"))
    make_bucket()


def import_pools() -> None:
    """Make the pools that the DAGs name; one that is there keeps the slots that somebody gave it."""
    wanted = json.loads(POOLS.read_text(encoding="utf-8"))
    present = {pool["pool"] for pool in listed("pools")}
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({name: pool for name, pool in wanted.items() if name not in present}, file)
        file.flush()
        if wanted.keys() - present:
            run("airflow", "pools", "import", file.name)


def make_admin() -> None:
    """Make the first user; nobody's password is changed here. The password goes through a pipe, not through a command line."""
    if ADMIN in {user["username"] for user in listed("users")}:
        return
    about = ["--username", ADMIN, "--role", "Admin", "--firstname", ADMIN, "--lastname", ADMIN, "--email", f"{ADMIN}@localhost"]
    run("airflow", "users", "create", *about, answer=f"{secret('airflow_admin_password')}\n{secret('airflow_admin_password')}")


def make_bucket() -> None:
    """Make the bucket of EGOETL_STORE_URL on the server of EGOETL_S3_ENDPOINT, if there is none; a store of another kind has none."""
    scheme, bucket = urlsplit(os.environ["EGOETL_STORE_URL"])[:2]
    if scheme != "s3":
        return
    client = boto3.client("s3", endpoint_url=os.environ["EGOETL_S3_ENDPOINT"], config=Config(s3={"addressing_style": "path"}))
    try:
        client.head_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
            raise
        client.create_bucket(Bucket=bucket)


def listed(what: str) -> list[dict[str, str]]:
    """What Airflow lists; whatever it logs comes before."""
    said = subprocess.run(["airflow", what, "list", "--output", "json"], check=True, stdout=subprocess.PIPE, text=True).stdout
    return json.loads(said.strip().splitlines()[-1])


def secret(name: str) -> str:
    """One of the files that deploy/make_secrets.py writes."""
    return (SECRETS / name).read_text(encoding="utf-8").strip()


def run(*command: str, answer: str | None = None) -> None:
    """Run a command; `answer` is what it reads from standard input."""
    sys.stderr.write(f"initialise: {' '.join(command)}\n")
    subprocess.run(command, check=True, input=None if answer is None else answer + "\n", text=True)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as failed:
        sys.exit(f"initialise: `{' '.join(failed.cmd)}` ended with exit code {failed.returncode}; its last lines above say why.")
