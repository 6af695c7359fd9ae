#!/usr/bin/env python3
"""`healthy COMPONENT`: whether Airflow's api-server hears from a component. Costs a request; `airflow jobs check` costs 3 CPU seconds."""

import json
import os
import sys
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

COMPONENTS = ("metadatabase", "scheduler", "triggerer", "dag_processor")
SERVER = urlsplit(os.environ.get("AIRFLOW__CORE__EXECUTION_API_SERVER_URL", "http://localhost:8080/execution/")).netloc


def main(component: str) -> str | None:
    """None if it is healthy, else what is wrong."""
    connection = HTTPConnection(SERVER, timeout=8)
    try:
        connection.request("GET", "/api/v2/monitor/health")
        said = json.loads(connection.getresponse().read())
    except (OSError, HTTPException, ValueError) as error:
        return f"{SERVER} does not say how it is: {error}"
    finally:
        connection.close()
    status = said.get(component, {}).get("status")
    return None if status == "healthy" else f"{component} is {status or 'not running'}"


if __name__ == "__main__":
    if sys.argv[1:] not in [[name] for name in COMPONENTS]:
        sys.exit(f"usage: healthy {'|'.join(COMPONENTS)}")
    sys.exit(main(sys.argv[1]))
