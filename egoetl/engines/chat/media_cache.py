"""Encoded media, kept while requests on the same segment are likely: each of several that come at once waits for one encoding."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock

from egoetl.engines.chat.media_parts import MediaParts


class MediaCache:
    """The parts that were asked for last, up to so many bytes. It may be used from several threads and event loops."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._made: OrderedDict[Hashable, Future[MediaParts]] = OrderedDict()
        self._lock = Lock()

    async def of(self, key: Hashable, make: Callable[[], MediaParts]) -> MediaParts:
        """The parts of a key, made in a thread by whoever asks first. Raises what `make` raises, and forgets the key then."""
        with self._lock:
            made = self._made.get(key)
            mine = made is None
            if made is None:
                made = self._made[key] = Future[MediaParts]()
                made.set_running_or_notify_cancel()
            self._made.move_to_end(key)
        if mine:
            await asyncio.to_thread(self._make, key, made, make)
        return await asyncio.wrap_future(made)

    def _make(self, key: Hashable, made: Future[MediaParts], make: Callable[[], MediaParts]) -> None:
        try:
            made.set_result(make())
        except BaseException as error:  # noqa: BLE001 - whoever waits for it raises it
            with self._lock:
                self._made.pop(key, None)
            made.set_exception(error)
            return
        with self._lock:
            self._make_room()

    def _make_room(self) -> None:
        done = [(key, each.result().size_bytes) for key, each in self._made.items() if each.done() and not each.exception()]
        held = sum(size for _, size in done)
        for key, size in done:
            if held <= self._most_bytes:
                return
            del self._made[key]
            held -= size
