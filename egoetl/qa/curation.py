"""What a version leaves out of the accepted pairs: rules over the whole of it, which no pair alone can break.

Near duplicates go first, then what is too many of one answer. Whatever the order of the pairs, the same are left out; and of
what is kept, nothing more would be. A pair that one version leaves out may be in the next, whose accepted set is another.
"""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from egoetl.algorithms.similarity import Shingles, jaccard, shingles
from egoetl.algorithms.wording import content_stems, normalised
from egoetl.core.records import QAPair
from egoetl.core.release import AcceptedPair
from egoetl.qa.index import TASKS
from egoetl.qa.rules import ANSWER_IS_YES_OR_NO

NEAR_DUPLICATE = "near_duplicate"
YES_NO_UNBALANCED = "yes_no_unbalanced"
YES_NO_TASKS = frozenset(name for name, task in TASKS.items() if ANSWER_IS_YES_OR_NO in task.rules)
SAME_STRETCH = 0.5
"""Two windows are about the same stretch where they share this part of what both cover together."""
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def left_out(pairs: Sequence[AcceptedPair], *, question_similarity: float, yes_no_surplus: int) -> dict[str, str]:
    """Qa id to reason of the pairs that a version of these leaves out.

    Args:
        pairs: the whole accepted set of a dataset.
        question_similarity: the share of word pairs in common from which two questions are near duplicates, 0 to 1.
        yes_no_surplus: by how many a yes/no task may have more of one answer than of the other in a split.
    """
    repeats = dict.fromkeys(near_duplicates(pairs, question_similarity), NEAR_DUPLICATE)
    kept = [each for each in pairs if each.pair.qa_id not in repeats]
    return repeats | dict.fromkeys(unbalanced(kept, yes_no_surplus), YES_NO_UNBALANCED)


def near_duplicates(pairs: Iterable[AcceptedPair], question_similarity: float) -> Iterator[str]:
    """Qa ids of pairs that ask nearly what an earlier one asks about the same stretch of video; the earliest is kept.

    Only pairs of one video and task are compared, with the same numbers, subject and choice among given answers: a question
    that differs in one of these is another question, however few words that changes.
    """
    alike: defaultdict[tuple[object, ...], list[AcceptedPair]] = defaultdict(list)
    for each in pairs:
        alike[each.video_sha256, each.pair.task, *_asked(each.pair)].append(each)
    for group in alike.values():
        if len(group) > 1:
            yield from _repeats(sorted(group, key=_place), question_similarity)


def unbalanced(pairs: Iterable[AcceptedPair], surplus: int) -> Iterator[str]:
    """Qa ids of pairs whose removal leaves each yes/no task of each split with at most `surplus` more of one answer.

    Pairs whose clip or segment has more of the same answer go first, so that the others keep their partners.
    """
    by_task: defaultdict[tuple[str, str], list[AcceptedPair]] = defaultdict(list)
    for each in pairs:
        if each.pair.task in YES_NO_TASKS:
            by_task[each.split, each.pair.task].append(each)
    for group in by_task.values():
        yes = [each for each in group if each.pair.answer == "Yes"]
        no = [each for each in group if each.pair.answer == "No"]
        fewer, more = sorted((yes, no), key=len)
        if (excess := len(more) - len(fewer) - surplus) > 0:
            yield from sorted(_without_partner(more, fewer), key=_drawn)[:excess]


def _asked(pair: QAPair) -> tuple[object, ...]:
    closed = bool(pair.options) or pair.answer in ("Yes", "No")
    numbers = tuple(sorted(_NUMBER.findall(" ".join((pair.question, *pair.options)))))
    return numbers, content_stems(pair.about or ""), normalised(pair.answer) if closed else None


def _place(each: AcceptedPair) -> tuple[int, int, str]:
    return each.pair.start_ms, each.pair.end_ms, each.pair.qa_id


def _repeats(group: Iterable[AcceptedPair], question_similarity: float) -> Iterator[str]:
    """Of pairs by start, the ids of those that repeat a kept one."""
    kept: list[tuple[QAPair, Shingles]] = []
    for each in group:
        pair, said = each.pair, shingles((each.pair.question, *each.pair.options))
        kept = [known for known in kept if known[0].end_ms > pair.start_ms]
        if any(_same_stretch(pair, known) and jaccard(said, its) >= question_similarity for known, its in kept):
            yield pair.qa_id
        else:
            kept.append((pair, said))


def _same_stretch(one: QAPair, other: QAPair) -> bool:
    shared = min(one.end_ms, other.end_ms) - max(one.start_ms, other.start_ms)
    covered = max(one.end_ms, other.end_ms) - min(one.start_ms, other.start_ms)
    return shared >= SAME_STRETCH * covered


def _without_partner(more: Iterable[AcceptedPair], fewer: Iterable[AcceptedPair]) -> Iterator[str]:
    """Of the answer that there is more of, those pairs that their own clip or segment has too many of."""
    partners = Counter(map(_scope, fewer))
    for each in sorted(more, key=lambda each: _drawn(each.pair.qa_id)):
        if partners[_scope(each)] > 0:
            partners[_scope(each)] -= 1
        else:
            yield each.pair.qa_id


def _scope(each: AcceptedPair) -> tuple[str, int, int]:
    return each.clip_id, each.pair.start_ms, each.pair.end_ms


def _drawn(qa_id: str) -> bytes:
    return hashlib.sha256(qa_id.encode()).digest()
