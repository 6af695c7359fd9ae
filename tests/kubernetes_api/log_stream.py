"""A container's log, as `kubectl logs` and Airflow read it."""

import time
from collections.abc import Mapping
from datetime import datetime

from aiohttp import web

from kubernetes_api.container import Container, Line
from kubernetes_api.refusals import RefusedError
from kubernetes_api.selectors import is_asked


async def send_log(request: web.Request, container: Container) -> web.StreamResponse:
    """Send what was written; with `follow` also what is being written, to the container's end."""
    if not container.begun:
        waiting = container.status["state"]["waiting"]["reason"]
        raise RefusedError(400, f'container "{container.spec["name"]}" in pod is waiting to start: {waiting}')
    query = request.query
    response = web.StreamResponse(headers={"Content-Type": "text/plain"})
    response.enable_chunked_encoding()
    await response.prepare(request)
    sent = first_line(container.lines, query)
    while True:
        ended, lines = container.ended.is_set(), container.lines[sent:]
        sent += len(lines)
        for line in lines:
            await response.write((line.stamp() if is_asked(query, "timestamps") else b"") + line.text)
        if ended or not is_asked(query, "follow"):
            break
        if sent == len(container.lines) and not container.ended.is_set():
            await container.wrote.wait()
    await response.write_eof()
    return response


def first_line(lines: list[Line], query: Mapping[str, str]) -> int:
    """The index of the first line that a request with tailLines, sinceSeconds or sinceTime asks for."""
    first = max(0, len(lines) - int(query["tailLines"])) if "tailLines" in query else 0
    since_ns = 0.0
    if "sinceSeconds" in query:
        since_ns = time.time_ns() - float(query["sinceSeconds"]) * 1e9
    if "sinceTime" in query:
        since_ns = datetime.fromisoformat(query["sinceTime"]).timestamp() * 1e9
    return next((index for index, line in enumerate(lines) if index >= first and line.at_ns >= since_ns), len(lines))
