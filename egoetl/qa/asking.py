"""How the measured engine asks whether things are there: as often on what is there as on what is not, in the same words."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from egoetl.algorithms.shuffling import shuffled
from egoetl.core.ports import Request
from egoetl.qa.scope import Scope


def counterparts(there: Iterable[str], alike: Callable[[str], Iterable[str]], is_told: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
    """Each of what is there with the first of its likes that no evidence tells of; none is used twice."""
    used: set[str] = set()
    for subject in there:
        nowhere = next((each for each in alike(subject) if each not in used and not is_told(each)), None)
        if nowhere is not None:
            used.add(nowhere)
            yield subject, nowhere


def asked_alike(
    both: Iterable[tuple[str, str]], wordings: Sequence[str], request: Request, *, said: Callable[[str], str] = str
) -> dict[str, Any]:
    """A `PresenceReply` for (what is there, what is nowhere), as many of them as are wanted.

    The two of each share a wording, with `{it}` for the subject as `said` puts it and `{where}` for the stretch: nothing
    but the subject tells one from the other.
    """
    scope: Scope = request.values["scope"]
    chosen = list(islice(both, request.values["pairs"] // 2))
    worded = [(subjects, shuffled(wordings, f"{scope.scope_id}:{index}")[0]) for index, subjects in enumerate(chosen)]
    return {
        name: [
            {"about": subjects[place], "question": wording.format(it=said(subjects[place]), where=scope.where)}
            for subjects, wording in worded
        ]
        for place, name in enumerate(("factual", "hallucinated"))
    }
