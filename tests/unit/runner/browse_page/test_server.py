"""The server behind the page: who gets an answer, what addresses reach, ranges, and uploads that are broken."""

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from egoetl.cli.eval_browse import browse
from egoetl.core.errors import CallerError
from egoetl.core.settings import Settings
from egoetl.runner.browse_page.answer import HEADERS
from egoetl.runner.browse_page.routes import LARGEST_UPLOAD, Routes
from egoetl.runner.browse_page.server import BrowseServer, is_loopback, new_token, serving
from egoetl.runner.evaluation_videos import EvaluationVideos
from egoetl.runner.tools import Tools
from egoetl.storage.sources.folder import FolderRoot
from egoetl.testing.reports import a_large_report, a_report, an_item

TOKEN = "right-token"
BYTES = bytes(range(256)) * 8


class Client:
    """Asks as any program on this machine can."""

    def __init__(self, server: BrowseServer) -> None:
        self.server = server

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.server_port, timeout=20)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, dict(answer.headers), answer.read()
        finally:
            connection.close()

    def raw(self, address: str) -> tuple[int, bytes]:
        """An address as it is, which no client would send."""
        with socket.create_connection(("127.0.0.1", self.server.server_port), timeout=20) as connection:
            head = f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1:{self.server.server_port}\r\nConnection: close\r\n\r\n"
            connection.sendall(head.encode())
            answer = http.client.HTTPResponse(connection)
            answer.begin()
            return answer.status, answer.read()

    def page(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
        return self.ask(f"/{TOKEN}/{path}", method, body, **headers)

    def upload(self, body: bytes, query: str = "name=a.json") -> tuple[int, dict]:
        status, _, said = self.page(f"upload?{query}", "POST", body)
        return status, json.loads(said)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    folder = tmp_path / "videos"
    folder.mkdir()
    (folder / "v1.mp4").write_bytes(BYTES)
    (tmp_path / "secret.mp4").write_bytes(b"secret")
    routes = Routes(TOKEN, Tools(Settings(home=tmp_path)), videos=EvaluationVideos(FolderRoot(folder)))
    items = [an_item("q1"), an_item("q2", video="../secret"), an_item("q3", video="v1", uri="gone.mp4"), an_item("q4", uri="/etc/passwd")]
    routes.reports.add(a_report(items), "a.json")
    with serving(routes, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield Client(server)
        server.shutdown()
        thread.join()


ADDRESSES = ("", "main.js", "page.css", "reports", "reports/0", "video/0", "upload", "nothing")


@pytest.mark.parametrize("token", ["wrong", "", f"{TOKEN}x", TOKEN[:-1], TOKEN.upper(), "%72ight-token"])
def test_without_the_token_nothing_is_given(client: Client, token: str) -> None:
    for address in ADDRESSES:
        for method in ("GET", "HEAD", "POST"):
            status, headers, said = client.ask(f"/{token}/{address}", method, b"{}" if method == "POST" else None)
            assert status == 403
            assert said == b"" or json.loads(said)["reason"] == "token_wrong"
            assert headers["Content-Security-Policy"] == HEADERS["Content-Security-Policy"]


def test_an_address_without_any_token_is_refused(client: Client) -> None:
    for address in ("/", "/reports/0", "//", "*", "http://[::1/x", "/%00"):
        assert client.raw(address)[0] == 403


ELSEWHERE = [
    "../../../../etc/passwd",
    "..%2f..%2fserver.py",
    "static/main.js",
    "../routes.py",
    "%2e%2e/routes.py",
    "video/../reports/0",
    "video/..%2f..%2fsecret.mp4",
    "video/v1.mp4",
    "video/-1",
    "video/0.0",
    "video/9999999999999999999",
    "video/\u00b2",
    "reports/1",
    "reports/-1",
    "reports/0/x",
    "video/7",
    "main.js/",
]


def test_addresses_lead_nowhere_else(client: Client) -> None:
    for path in ELSEWHERE:
        status, said = client.raw(f"/{TOKEN}/{path}")
        assert status == 404, path
        assert json.loads(said)["reason"] == "address_unknown"


def test_another_sites_name_is_no_name_of_this_server(client: Client) -> None:
    assert client.page("", Host="evil.example")[0] == 403
    assert client.page("", Host=f"localhost:{client.server.server_port}")[0] == 200


def test_the_page_may_run_its_own_scripts_and_load_nothing_else(client: Client) -> None:
    status, headers, page = client.page("")
    assert status == 200
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'; script-src 'self'; style-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert (headers["Referrer-Policy"], headers["Cache-Control"], headers["X-Content-Type-Options"]) == (
        "no-referrer",
        "no-store",
        "nosniff",
    )
    assert b"<script>" not in page
    assert b"style=" not in page
    for name in Path(__file__).parents[4].joinpath("egoetl/runner/browse_page/static").glob("*.js"):
        source = name.read_text()
        assert not [
            word
            for word in ("innerHTML", "outerHTML", "insertAdjacent", "eval(", "document.write", "http://", "https://")
            if word in source
        ]


@pytest.mark.parametrize(
    ("asked", "status", "first", "end"),
    [
        (None, 200, 0, 2048),
        ("bytes=0-0", 206, 0, 1),
        ("bytes=100-", 206, 100, 2048),
        ("bytes=-48", 206, 2000, 2048),
        ("bytes=-99999", 206, 0, 2048),
        ("bytes=10-99999", 206, 10, 2048),
        ("bytes=0-1,5-6", 200, 0, 2048),
        ("bytes=9-3", 200, 0, 2048),
        ("bytes=-", 200, 0, 2048),
        ("lines=1-2", 200, 0, 2048),
        ("bytes=2048-", 416, 0, 0),
        ("bytes=-0", 416, 0, 0),
    ],
)
def test_a_video_is_sent_by_range(client: Client, asked: str | None, status: int, first: int, end: int) -> None:
    found, headers, body = client.page("video/0", **({"Range": asked} if asked else {}))
    assert found == status
    assert body == BYTES[first:end]
    if status == 206:
        assert headers["Content-Range"] == f"bytes {first}-{end - 1}/2048"
    if status == 416:
        assert headers["Content-Range"] == "bytes */2048"
    if status != 416:
        assert (headers["Content-Type"], headers["Accept-Ranges"]) == ("video/mp4", "bytes")
    head = client.page("video/0", "HEAD", **({"Range": asked} if asked else {}))
    assert (head[0], head[1]["Content-Length"], head[2]) == (status, str(end - first), b"")


def test_a_video_is_found_by_its_id_and_never_outside_the_root(client: Client) -> None:
    items = json.loads(client.page("reports/0")[2])["items"]
    numbers = {each["id"]: each["file"] for each in items}
    assert client.page(f"video/{numbers['q3']}")[2] == BYTES
    for key in ("q2", "q4"):
        status, _, said = client.page(f"video/{numbers[key]}")
        assert (status, json.loads(said)["reason"]) == (404, "path_escapes_root")


def test_a_report_that_is_uploaded_is_open(client: Client) -> None:
    status, opened = client.upload(a_large_report(30).model_dump_json().encode(), "name=large%20%3Cb%3E.json")
    assert (status, opened["number"], opened["questions"], opened["name"]) == (200, 1, 30, "large <b>.json")
    listed = json.loads(client.page("reports")[2])
    assert [each["number"] for each in listed["reports"]] == [0, 1]
    assert "egotextvqa" in listed["benchmarks"]
    assert len(json.loads(client.page("reports/1")[2])["items"]) == 30


def test_predictions_that_are_uploaded_with_their_benchmark_are_scored(client: Client) -> None:
    row = {"question_id": "1", "question_type": "shopping", "subset": "Indoor", "correct_answer": "tea", "question": "What is it?"}
    rows = [
        {**row, "video_id": "a", "my-model": "tea", "acc": "yes", "score": 5},
        {**row, "video_id": "b", "my-model": "rice", "acc": "no", "score": 0},
        {"video_id": "c", "question_id": "1"},
    ]
    status, opened = client.upload(json.dumps(rows).encode(), "name=my%20run.json&benchmark=egotextvqa")
    assert status == 200, opened
    assert (opened["questions"], opened["run"], opened["benchmark"]) == (2, "my_run.json", "egotextvqa")
    report = json.loads(client.page(f"reports/{opened['number']}")[2])
    assert [(each["said"], each["grades"][0]["score"]) for each in report["items"]] == [(["tea"], 5), (["rice"], 0)]


@pytest.mark.parametrize(
    ("body", "query"),
    [
        (b"", "name=empty.json"),
        (b"\xff\xfe\x00", "name=binary.json"),
        (b"[" * 100_000, "name=deep.json"),
        (b'{"items": [', "name=half.json"),
        (b"{}", "name=..%2F..%2Fetc%2Fpasswd"),
        (b'{"items": []}', "name=a.json&benchmark=nothing"),
        (b"[1, 2]", "name=a.json&benchmark=egotextvqa"),
        (b"[" * 100_000, "name=deep.json&benchmark=egotextvqa"),
        (b"\xff\xfe\x00", "name=binary.json&benchmark=egotextvqa"),
        (b"", "benchmark=egotextvqa"),
    ],
)
def test_a_broken_file_is_refused_in_one_sentence(client: Client, body: bytes, query: str) -> None:
    status, said = client.upload(body, query)
    assert status == 400
    assert said["reason"]
    assert said["error"][-1] in ".?"
    assert "\n" not in said["error"]
    assert "Traceback" not in said["error"]
    assert len(json.loads(client.page("reports")[2])["reports"]) == 1


def test_a_body_that_is_not_wanted_is_not_read(client: Client) -> None:
    assert client.page("reports", "POST", b"x")[0] == 404
    connection = http.client.HTTPConnection("127.0.0.1", client.server.server_port, timeout=20)
    for headers, status in ((("Content-Length", str(LARGEST_UPLOAD + 1)), 413), (("Transfer-Encoding", "chunked"), 411)):
        connection.putrequest("POST", f"/{TOKEN}/upload")
        connection.putheader(*headers)
        connection.endheaders()
        answer = connection.getresponse()
        assert answer.status == status
        assert json.loads(answer.read())["error"]
        connection.close()


def test_only_loopback_addresses_are_reached_from_this_machine_alone() -> None:
    assert [is_loopback(each) for each in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "192.168.0.4", "example.org")] == [
        True, True, True, False, False, False,
    ]  # fmt: skip
    assert len({new_token() for _ in range(5)}) == 5
    assert min(len(new_token()) for _ in range(5)) >= 32


def test_a_file_that_is_not_there_is_said_before_anything_is_opened(tmp_path: Path) -> None:
    with pytest.raises(CallerError, match="There is no file"):
        browse([str(tmp_path / "none.json")])
    (tmp_path / "other.json").write_text("{}")
    with pytest.raises(CallerError, match="is no report of an evaluation"):
        browse([str(tmp_path / "other.json")])


def test_a_port_that_is_taken_is_said(client: Client) -> None:
    with pytest.raises(CallerError, match="cannot be used"), serving(client.server.routes, "127.0.0.1", client.server.server_port):
        pass
