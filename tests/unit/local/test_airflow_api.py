"""The REST client against a small server that answers as Airflow does."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from egoetl.core.errors import ConfigError, TryAgainError
from egoetl.local.airflow_api import AirflowApi

Asked = list[tuple[str, str, Any, str | None]]


class Server(ThreadingHTTPServer):
    """Remembers what it was asked; answers with what `answers` holds for a path."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: Asked = []
        self.answers: dict[str, tuple[int, Any]] = {"/auth/token": (201, {"access_token": "ticket"})}


class Handler(BaseHTTPRequestHandler):
    server: Server

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((self.command, self.path, json.loads(body or "null"), self.headers.get("Authorization")))
        status, value = self.server.answers.get(self.path.partition("?")[0], (404, {"detail": "not found"}))
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PATCH = answer  # noqa: N815 - names that http.server looks for

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the base class
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def api(server: Server) -> AirflowApi:
    return AirflowApi(server.server_port, "admin", "secret")


def test_logs_in_once(server: Server, api: AirflowApi) -> None:
    server.answers["/api/v2/importErrors"] = (200, {"import_errors": []})
    assert api.import_errors() == []
    assert api.import_errors() == []
    assert [path for _, path, _, _ in server.asked] == ["/auth/token", "/api/v2/importErrors", "/api/v2/importErrors"]
    assert server.asked[0][2] == {"username": "admin", "password": "secret"}
    assert server.asked[1][3] == "Bearer ticket"


def test_triggers_a_run_under_the_id_it_is_given(server: Server, api: AirflowApi) -> None:
    server.answers["/api/v2/dags/build_egoavu/dagRuns"] = (200, {"dag_run_id": "demo-1"})
    assert api.trigger("build_egoavu", {"limit": 2}, run_id="demo-1") == "demo-1"
    assert server.asked[-1][2] == {"dag_run_id": "demo-1", "logical_date": None, "conf": {"limit": 2}}


def test_a_dag_that_is_not_known_yet_is_none(api: AirflowApi) -> None:
    assert api.dag("build_egoavu") is None


def test_says_what_airflow_said_of_a_bad_request(server: Server, api: AirflowApi) -> None:
    server.answers["/api/v2/dags/build_egoavu/dagRuns"] = (400, {"detail": "limit must be at least 1"})
    with pytest.raises(ConfigError, match="limit must be at least 1"):
        api.trigger("build_egoavu", {"limit": 0})


def test_a_broken_server_is_a_passing_trouble(server: Server, api: AirflowApi) -> None:
    server.answers["/api/v2/monitor/health"] = (500, {})
    with pytest.raises(TryAgainError) as caught:
        api.health()
    assert caught.value.reason == "airflow_failed"


def test_a_server_that_is_away_is_a_passing_trouble(server: Server) -> None:
    server.server_close()
    with pytest.raises(TryAgainError, match="egoetl local status"):
        AirflowApi(server.server_port, "admin", "secret").health()
