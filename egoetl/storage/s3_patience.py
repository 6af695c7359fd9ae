"""Patience with an S3 server that is away, throttles, or cuts connections."""

import logging
import random
import time
from collections.abc import Callable, Collection
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from egoetl.storage.s3_errors import Place, code_of, is_away, translated, words

_log = logging.getLogger(__name__)
_FIRST_PAUSE_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 5.0
_DOUBLINGS = 10
"""More than it takes to the longest pause; after a thousand, as in an hour of waiting, there is no such float."""
T = TypeVar("T")


class Patience:
    """Repeats requests for up to `seconds` while the server is away, and gives errors their names."""

    def __init__(self, place: Place, seconds: float) -> None:
        self.place = place
        self.seconds = seconds

    def __call__(self, work: Callable[[], T], *, expect: Collection[str] = ()) -> T:
        """Call `work`, which must bear being repeated, until it is through.

        Raises TryAgainError `store_away` when patience is over, ClientError for the codes that the caller expects, and what
        `translated` names for everything else.
        """
        wait = _Wait(self.place, self.seconds)
        while True:
            try:
                result = work()
            except (BotoCoreError, ClientError, ResponseParserError) as error:
                if code_of(error) in expect:
                    wait.is_over()
                    raise
                if not is_away(error) or wait.seconds >= self.seconds:
                    raise translated(error, self.place, wait.seconds) from error
                wait.goes_on(error)
            else:
                wait.is_over()
                return result


class _Wait:
    """One wait for the server, told in one line when it begins and one when it ends."""

    def __init__(self, place: Place, patience_seconds: float) -> None:
        self._place = place
        self._patience = patience_seconds
        self._started = time.monotonic()
        self._tries = 0

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    def goes_on(self, error: Exception) -> None:
        if self._tries == 0:
            _log.warning("The store %s is away (%s); waiting up to %.0f s.", self._place.url, words(error), self._patience)
        time.sleep(_pause(self._tries))
        self._tries += 1

    def is_over(self) -> None:
        if self._tries:
            _log.warning("The store %s answers again after %.1f s; going on.", self._place.url, self.seconds)


def _pause(tries: int) -> float:
    """Longer each time, and never the same for two workers that were thrown out together."""
    longest = min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2 ** min(tries, _DOUBLINGS))
    return random.uniform(longest / 2, longest)  # noqa: S311 - spreads load, keeps no secret
