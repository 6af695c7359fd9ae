"""Rules that several tasks hold their pairs to."""

import re

from egoetl.algorithms.timecodes import seconds
from egoetl.algorithms.wording import mentions, normalised, words
from egoetl.core.items import DraftedPair
from egoetl.qa.task import Rule

_SECONDS = re.compile(r"\d+(?:\.\d+)?(?= s\b)")


def _answer_says_something(item: DraftedPair) -> bool:
    return bool(words(item.pair.answer))


def _answer_is_yes_or_no(item: DraftedPair) -> bool:
    return item.pair.answer in ("Yes", "No")


def _subject_is_asked_about(item: DraftedPair) -> bool:
    return item.pair.about is not None and mentions(item.pair.question, item.pair.about)


def _answer_is_an_option(item: DraftedPair) -> bool:
    return item.pair.answer in item.pair.options


def _options_differ(item: DraftedPair) -> bool:
    return len({normalised(option) for option in item.pair.options}) == len(item.pair.options)


def _stretch_is_named(item: DraftedPair) -> bool:
    """A question about less than its clip names its interval in seconds of the source, and none names another one."""
    pair, clip = item.pair, item.clip
    named = _SECONDS.findall(pair.question)
    about_clip = (pair.start_ms, pair.end_ms) == (clip.start_ms, clip.end_ms)
    return named == [seconds(pair.start_ms), seconds(pair.end_ms)] or (about_clip and not named)


ANSWER_SAYS_SOMETHING = Rule("answer_empty", _answer_says_something)
ANSWER_IS_YES_OR_NO = Rule("answer_not_yes_no", _answer_is_yes_or_no)
SUBJECT_IS_ASKED_ABOUT = Rule("subject_not_asked", _subject_is_asked_about)
ANSWER_IS_AN_OPTION = Rule("answer_not_an_option", _answer_is_an_option)
OPTIONS_DIFFER = Rule("options_repeat", _options_differ)
STRETCH_IS_NAMED = Rule("stretch_not_named", _stretch_is_named)
