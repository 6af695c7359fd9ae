import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egoetl.engines.chat.troubles import trouble_of

RETRY_INFO = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.5s"}


@pytest.mark.parametrize(
    ("headers", "pause"),
    [
        ({"Retry-After": "7"}, 7),
        ({"retry-after-ms": "1500", "Retry-After": "2"}, 1.5),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0),
        ({}, 0),
        *(({"Retry-After": odd}, 0) for odd in ("soon", "-3", "nan", "inf", "1e9", "")),
    ],
)
def test_the_pause_that_a_server_asks_for(headers: dict[str, str], pause: float) -> None:
    assert trouble_of(429, headers, b"").pause == pause


def test_a_date_is_a_pause_until_then() -> None:
    headers = {"Retry-After": format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)}
    assert 50 < trouble_of(503, headers, b"").pause <= 60


def test_gemini_asks_for_a_pause_in_the_body() -> None:
    error = {"code": 429, "message": "You exceeded your current quota, please check your plan.", "status": "RESOURCE_EXHAUSTED"}
    trouble = trouble_of(429, {}, json.dumps([{"error": {**error, "details": [{"@type": "x"}, RETRY_INFO, 3]}}]).encode())
    assert (trouble.kind, trouble.pause) == ("overloaded", 34.5)


@given(st.integers(200, 599), st.binary() | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(json.dumps).map(str.encode))
def test_whatever_a_server_answers_has_a_name(status: int, body: bytes) -> None:
    trouble = trouble_of(status, {}, body)
    assert trouble.words.startswith(f"HTTP {status}")
    assert len(trouble.words) < 2100


@given(st.dictionaries(st.sampled_from(["error", "message", "code", "details", "detail"]), st.none() | st.text() | st.lists(st.integers())))
def test_whatever_an_error_holds_is_read(error: dict[str, object]) -> None:
    trouble_of(400, {}, json.dumps({"error": error}).encode())
    trouble_of(400, {}, json.dumps(error).encode())
