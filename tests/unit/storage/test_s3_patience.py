"""Waiting for an S3 server, however long that takes."""

import pytest
from botocore.exceptions import EndpointConnectionError

from egoetl.storage import s3_patience
from egoetl.storage.s3_errors import Place
from egoetl.storage.s3_patience import Patience


def test_hours_of_waiting_end_when_the_server_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(s3_patience.time, "sleep", pauses.append)

    def answer() -> str:
        if len(pauses) < 2000:
            raise EndpointConnectionError(endpoint_url="https://s3.example")
        return "here"

    assert Patience(Place("s3://bucket/", "https://s3.example"), 3600)(answer) == "here"
    assert pauses[0] <= 0.2
    assert 2.5 <= min(pauses[1000:]) <= max(pauses) <= 5.0
