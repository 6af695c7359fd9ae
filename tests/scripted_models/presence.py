"""What the three tasks on presence share: as many questions on what is there as on what is not, in the same words."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from scripted_models.reading import Evidence
from scripted_models.wording import in_any_order, one_of


def questions(
    page: Evidence, there: Iterable[str], nowhere: Iterable[str], wordings: Sequence[str], said: Callable[[str], str] = str
) -> dict[str, Any]:
    """A `PresenceReply`; a wording holds `{it}`, the subject as it is `said`, and `{where}`."""
    wanted = int(page.asked.words(r"(\d+) \"factual\""))
    where = page.asked.words(r"which stretch is meant[^:]*: \"([^\"]+)\"")
    pairs = list(zip(in_any_order(dict.fromkeys(there), where), in_any_order(nowhere, page.known), strict=False))[:wanted]
    worded = [(each, one_of(wordings, where, each)) for each in pairs]
    return {
        kind: [{"about": each[place], "question": wording.format(it=said(each[place]), where=where)} for each, wording in worded]
        for place, kind in enumerate(("factual", "hallucinated"))
    }


def is_mentioned(page: Evidence, word: str) -> bool:
    """Whether a word stands anywhere in what is known, whatever its ending."""
    return re.search(rf"\b{re.escape(word.casefold())}", page.known.casefold()) is not None
