"""What was chosen among options, or why nothing was."""

from typing import NamedTuple


class Choice(NamedTuple):
    """The number of the chosen option, from 0; or None, with the reason as a code."""

    option: int | None
    reason: str = ""
