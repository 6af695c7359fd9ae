"""What a server's answer means when it is not a completion."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal, NamedTuple, cast

Kind = Literal["away", "overloaded", "faulty", "too_long", "refused", "rejected", "key", "quota", "missing", "untrusted"]
"""Who is to blame and what helps: `away` and `overloaded` pass when one waits, `faulty` may pass, `too_long`, `refused` and `rejected`
are the request's own, `key`, `quota`, `missing` and `untrusted` need a person."""

_KINDS: Mapping[int, Kind] = {
    401: "key", 402: "quota", 403: "key", 404: "missing", 405: "missing", 408: "faulty", 409: "faulty", 413: "too_long",
    425: "overloaded", 429: "overloaded", 500: "faulty", 502: "away", 503: "overloaded", 504: "faulty",
}  # fmt: skip
_OVERFLOW = re.compile(
    r"""
    maximum\ context\ length | context[_ ]length[_ ]exceeded | exceeds?\ (the\ )?(available\ )?context | context\ window
    | maximum\ model\ length | greater\ than\ max_model_len
    | (prompt|input)\ is\ too\ long | input\ token\ count | exceeds\ the\ maximum\ number\ of\ tokens | too\ many\ tokens
    | exceeds\ the\ pre-allocated\ encoder\ cache | string_above_max_length
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""vLLM (renderer, input processor, encoder cache), OpenAI and Azure (code and words), Gemini, Anthropic's and llama.cpp's endpoints."""
_FILTERED = re.compile(r"content[_ ](?:filter|policy)|responsible_?ai|safety", re.IGNORECASE)
_EXHAUSTED = re.compile(r"insufficient_quota|billing", re.IGNORECASE)
"""In codes only: Gemini's words for a limit of a minute speak of quota and billing too."""
_NOT_IMPLEMENTED = 501
"""What Vertex says of a schema that it does not take."""
_LONGEST_PAUSE = 1e7
_LONGEST_WORDS = 2000


class Trouble(Exception):  # noqa: N818 - not an error: it never leaves the engine
    """A try that brought no completion. `pause`: seconds that the server has asked to wait, `words`: what it says."""

    def __init__(self, kind: Kind, words: str, *, status: int = 0, pause: float = 0.0) -> None:
        super().__init__(words)
        self.kind: Kind = kind
        self.words = words
        self.status = status
        self.pause = pause


class Refusal(NamedTuple):
    """An error's body: its message and everything that names its kind."""

    message: str
    codes: str
    pause: float


def trouble_of(status: int, headers: Mapping[str, str], body: bytes) -> Trouble:
    """Name an answer that is no success."""
    said = _read(body)
    words = f"HTTP {status}: {said.message}" if said.message else f"HTTP {status}"
    return Trouble(_kind(status, said), words, status=status, pause=max(said.pause, _asked_pause(headers)))


def _kind(status: int, said: Refusal) -> Kind:
    everything = f"{said.codes} {said.message}"
    if status in (400, 413, 422, 500) and _OVERFLOW.search(everything):
        return "too_long"
    if status in (400, 403, 422) and _FILTERED.search(said.codes):
        return "refused"
    if status == 429 and _EXHAUSTED.search(said.codes):
        return "quota"
    if 300 <= status < 400:
        return "missing"
    return _KINDS.get(status, "faulty" if status > _NOT_IMPLEMENTED else "rejected")


def _read(body: bytes) -> Refusal:
    """OpenAI's shape of an error, also in the list that Gemini wraps it in; else the body's own beginning."""
    import orjson

    try:
        found: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        return Refusal(_short(body.decode("utf-8", "replace")), "", 0.0)
    if isinstance(found, list) and found:
        found = cast("list[Any]", found)[0]
    outer = cast("dict[str, Any]", found) if isinstance(found, dict) else {}
    named: Any = outer.get("error", outer)
    if not isinstance(named, dict):
        return Refusal(_short(str(named)), "", 0.0)
    named = cast("dict[str, Any]", named)
    codes = " ".join(str(named[key]) for key in ("code", "type", "status", "param") if named.get(key) is not None)
    return Refusal(_short(str(named.get("message") or named.get("detail") or "")), codes, _retry_delay(named.get("details")))


def _short(words: str) -> str:
    return " ".join(words.split())[:_LONGEST_WORDS]


def _retry_delay(details: object) -> float:
    """Seconds of Google's RetryInfo, `{"retryDelay": "34s"}`."""
    for each in cast("list[Any]", details) if isinstance(details, list) else ():
        delay = cast("dict[str, Any]", each).get("retryDelay") if isinstance(each, dict) else None
        if isinstance(delay, str) and (seconds := _number(delay.removesuffix("s"))) is not None:
            return seconds
    return 0.0


def _asked_pause(headers: Mapping[str, str]) -> float:
    """Seconds of `retry-after-ms` or `Retry-After`, which may be a date (RFC 9110, 10.2.3)."""
    if (milliseconds := _number(headers.get("retry-after-ms", ""))) is not None:
        return milliseconds / 1000
    asked = headers.get("Retry-After", "")
    if (seconds := _number(asked)) is not None:
        return seconds
    try:
        until = parsedate_to_datetime(asked)
    except ValueError:
        return 0.0
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 <= number < _LONGEST_PAUSE else None
