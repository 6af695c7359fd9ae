"""Whether the server at a port is ours, and well."""

import asyncio
import secrets
from http.client import HTTPConnection, HTTPException

from egoetl.engines.vllm_server.command import HOST

_SECONDS = 10.0
"""Longest wait for one answer: a busy server answers these between two batches."""


async def is_well(port: int) -> bool:
    """Whether the server says that it can answer requests; one whose engine has died says that it cannot."""
    return await asyncio.to_thread(_status, port, "/health", None) == 200


async def is_ours(port: int, key: str) -> bool:
    """Whether the server takes our key and refuses another: somebody else's server at the port has no way to know it."""
    if await asyncio.to_thread(_status, port, "/v1/models", secrets.token_urlsafe(32)) != 401:
        return False
    return await asyncio.to_thread(_status, port, "/v1/models", key) == 200


def _status(port: int, path: str, key: str | None) -> int | None:
    """The answer's status, None where there is no answer."""
    connection = HTTPConnection(HOST, port, timeout=_SECONDS)
    try:
        connection.request("GET", path, headers={"Authorization": f"Bearer {key}"} if key else {})
        return connection.getresponse().status
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()
