"""Lists and watches: what is there, and every change from a resource version on."""

import asyncio
import json
from collections.abc import Iterator, Mapping

from aiohttp import web

from kubernetes_api.objects import KINDS, Change, Objects
from kubernetes_api.refusals import Json, RefusedError
from kubernetes_api.selectors import Matching, by_fields, by_labels

WATCH_SECONDS = 300.0


def selection(namespace: str | None, query: Mapping[str, str]) -> Matching:
    """The objects that a request's namespace and selectors name."""
    labels, fields = by_labels(query.get("labelSelector", "")), by_fields(query.get("fieldSelector", ""))
    return lambda found: namespace in (None, found["metadata"]["namespace"]) and labels(found) and fields(found)


def listed(objects: Objects, plural: str, matching: Matching) -> Json:
    """The list object, with the resource version from which a watch goes on."""
    items = [found for found in objects.all(plural) if matching(found)]
    metadata = {"resourceVersion": str(objects.version)}
    return {"kind": f"{KINDS[plural]}List", "apiVersion": "v1", "metadata": metadata, "items": items}


async def watch(request: web.Request, objects: Objects, plural: str, matching: Matching) -> web.StreamResponse:
    """Tell changes as they come, until the time that the client asked for is up."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.enable_chunked_encoding()
    await response.prepare(request)
    seconds = float(request.query.get("timeoutSeconds") or WATCH_SECONDS)
    try:
        async with asyncio.timeout(seconds):
            await _tell(response, objects, plural, matching, request.query.get("resourceVersion"))
    except TimeoutError:
        pass  # the client asked for no more
    await response.write_eof()
    return response


async def _tell(response: web.StreamResponse, objects: Objects, plural: str, matching: Matching, since: str | None) -> None:
    told = objects.version
    if since in (None, "", "0"):
        for found in objects.all(plural):
            if matching(found):
                await response.write(_line("ADDED", found))
    else:
        told = int(since)
        if objects.changes and told < objects.changes[0].version - 1:
            gone = RefusedError(410, f"too old resource version: {told} ({objects.changes[0].version})")
            return await response.write(_line("ERROR", gone.status))
    while True:
        for change in [each for each in objects.changes if each.version > told]:
            for line in _change(change, plural, matching):
                await response.write(line)
            told = change.version
        if told == objects.version:
            await objects.changed.wait()


def _change(change: Change, plural: str, matching: Matching) -> Iterator[bytes]:
    """An object that comes to match was added for this watcher; one that matches no longer was deleted."""
    if change.plural != plural:
        return
    was = change.before is not None and matching(change.before)
    if change.after is not None and matching(change.after):
        yield _line("MODIFIED" if was else "ADDED", change.after)
    elif was:
        yield _line("DELETED", {**(change.after or change.before or {})})


def _line(kind: str, found: Json) -> bytes:
    return json.dumps({"type": kind, "object": found}).encode() + b"\n"
