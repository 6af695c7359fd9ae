"""Comparing words: what a text says, apart from case, punctuation and endings."""

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")
_ARTICLES = frozenset({"a", "an", "the"})
# fmt: off
_FUNCTION_WORDS = _ARTICLES | {
    "and", "as", "at", "being", "by", "caused", "comes", "coming", "from", "heard", "in", "into", "is", "made", "of", "off", "on",
    "or", "some", "sound", "sounds", "that", "to", "was", "were", "which", "with",
}
# fmt: on
_ENDINGS = ("ing", "ed", "es", "s", "e")
_DOUBLED = re.compile(r"([bdgmnprt])\1$")


def words(text: str) -> tuple[str, ...]:
    """The words of a text in order, in lower case, without punctuation."""
    return tuple(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def normalised(text: str) -> str:
    """The words of a text without articles, joined by spaces: equal for `The red ball.` and `a red ball`."""
    return " ".join(word for word in words(text) if word not in _ARTICLES)


def mentions(text: str, phrase: str) -> bool:
    """Whether the phrase's words, articles aside, stand in the text one after another."""
    return f" {normalised(phrase)} " in f" {normalised(text)} "


def content_stems(text: str) -> frozenset[str]:
    """What a text is about: its words without function words and common endings (`the sound of dogs barking` is {dog, bark})."""
    return frozenset(_stem(word) for word in words(text) if word not in _FUNCTION_WORDS)


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text; clauses parted by a semicolon count as sentences."""
    return tuple(part.strip() for part in re.split(r"[.!?;]+(?:\s+|$)", text) if part.strip())


def with_article(noun: str) -> str:
    """`impact sound` as `an impact sound`; a noun that has an article keeps it."""
    first = noun.split(maxsplit=1)[0].casefold()
    if first in _ARTICLES:
        return noun
    return f"{'an' if first[0] in 'aeiou' else 'a'} {noun}"


def _stem(word: str) -> str:
    """`tapping`, `taps` and `tap` are one."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return _DOUBLED.sub(r"\1", word.removesuffix(ending))
    return word
