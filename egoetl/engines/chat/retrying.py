"""Whether and when a request is sent again."""

import random
from dataclasses import dataclass

_DOUBLINGS = 10


@dataclass(frozen=True)
class Backoff:
    """Pauses between tries: anywhere up to a bound that doubles from `first` to `longest` seconds, so that no two come together."""

    first: float = 0.5
    longest: float = 20.0

    def pause(self, tries: int) -> float:
        """Seconds to wait after so many tries."""
        longest = min(self.longest, self.first * 2 ** min(max(0, tries - 1), _DOUBLINGS))
        return random.uniform(0, longest)  # noqa: S311 - spreads load, keeps no secret


class Budget:
    """Retries of all requests together after faults of the server: a reserve, and a share of what was answered.

    Without it a server that fails every request would be asked several times as often as one that works.
    """

    def __init__(self, reserve: float, share: float = 0.25) -> None:
        self._most = reserve
        self._share = share
        self.left = reserve

    def answered(self) -> None:
        """A request was answered, which earns a part of a retry."""
        self.left = min(self._most, self.left + self._share)

    def take(self) -> bool:
        """Whether one more retry may be made; if so, it is spent."""
        if self.left < 1:
            return False
        self.left -= 1
        return True
