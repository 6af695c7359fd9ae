"""Follow a pod to its end: its log line by line as it comes, what it waits for, and how it ended."""

import asyncio
import math
import re
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from egoetl_airflow.pods.cluster import Cluster, ClusterAwayError, Log
from egoetl_airflow.pods.pod_ending import PodEnding, ending_of, gone
from egoetl_airflow.pods.pod_profile import Queueing
from egoetl_airflow.pods.pod_starting import is_overdue, outlives_its_command
from egoetl_airflow.pods.pod_waiting import Waiting, waiting_of

_STAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)")
FIRST_REMINDER = 60.0
MARGIN_SECONDS = 5.0
LAST_TRIES, PAUSE_SECONDS = 3, 1.0
"""For the lines of a pod that has ended: its node may not give them at once."""


async def follow_pod(cluster: Cluster, name: str, queueing: Queueing, poll_seconds: float, log: Log) -> PodEnding:
    """How the pod ended. Raises ClusterAwayError, ClusterRefusedError."""
    lines, patience = _LogReader(cluster, name, log), _Patience(log)
    seen: Mapping[str, Any] | None = None
    while True:
        pod = await cluster.pod(name)
        if pod is None or is_overdue(pod):
            return gone(name, pod or seen)
        seen = pod
        ending = ending_of(pod)
        waiting = None if ending else waiting_of(pod, queueing)
        if waiting is None:
            # Read after the pod's state: what a pod that has ended wrote is all there.
            await lines.read_new(tries=LAST_TRIES if ending else 1)
        elif patience.ends(waiting):
            return waiting.given_up(name)
        if ending is not None:
            last_line = ending.last_line or ("" if ending.code is None else lines.last)
            return replace(ending, last_line=last_line, left_running=outlives_its_command(pod))
        await asyncio.sleep(poll_seconds)


async def tidy_away(cluster: Cluster, name: str) -> None:
    """Delete a pod whose ending is known. An API server that is away changes nothing about that."""
    try:
        await cluster.delete(name)
    except ClusterAwayError as error:
        cluster.log(f"{error}. Pod {name} is left to the DAG reap_pods.")


class _LogReader:
    """Passes on each line once. Lines are asked for by time, with a margin, and known by their timestamps."""

    def __init__(self, cluster: Cluster, name: str, log: Log) -> None:
        self._cluster, self._name, self._log = cluster, name, log
        self._asked: float | None = None
        self._newest = (datetime.min.replace(tzinfo=UTC), "")
        self.last = ""

    async def read_new(self, tries: int) -> None:
        for left in reversed(range(tries)):
            now = time.monotonic()
            # By this machine's stopwatch, so that a node's clock may differ.
            since = None if self._asked is None else math.ceil(now - self._asked + MARGIN_SECONDS)
            lines = await self._cluster.log_lines(self._name, since)
            if lines is not None:
                self._asked = now
                self._pass_on(lines)
                return
            if left:
                await asyncio.sleep(PAUSE_SECONDS)

    def _pass_on(self, lines: list[str]) -> None:
        # Lines of one batch may share a timestamp; what an earlier batch has had, this one does not pass on again.
        known, is_new = self._newest, False
        for line in lines:
            stamp, _, text = line.partition(" ")
            if (time_of := _instant(stamp)) is None:
                text = line  # goes on from the line before
            else:
                is_new = time_of > known
                self._newest = max(self._newest, time_of)
            if is_new and text.strip():
                self.last = text.strip()
                self._log(text.rstrip())


def _instant(stamp: str) -> tuple[datetime, str] | None:
    """A timestamp as something that can be compared: nanoseconds, which Python's clock has not, as text of one length."""
    found = _STAMP.fullmatch(stamp)
    return None if found is None else (datetime.fromisoformat(found[1] + found[3]), (found[2] or "").ljust(9, "0"))


class _Patience:
    """Says what is waited for when that changes, then ever more rarely; and when it has taken too long."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._waiting: Waiting | None = None
        self._since = self._next = 0.0
        self._interval = FIRST_REMINDER

    def ends(self, waiting: Waiting) -> bool:
        now = time.monotonic()
        if self._waiting is None or waiting.what != self._waiting.what:
            self._since, self._next, self._interval = now, now, FIRST_REMINDER
        elif waiting.why != self._waiting.why:
            self._next = now
        self._waiting = waiting
        if now >= self._next:
            self._log(f"Waiting for {waiting.what}: {waiting.why}")
            self._next, self._interval = now + self._interval, 2 * self._interval
        return now - self._since >= waiting.seconds
