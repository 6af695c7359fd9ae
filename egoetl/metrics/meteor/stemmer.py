"""The Snowball stemmer of English as METEOR 1.5 has it."""

import re

_VOWELS = frozenset("aeiouy")
_FIXED = {
    "skis": "ski", "skies": "sky", "dying": "die", "lying": "lie", "tying": "tie", "idly": "idl", "gently": "gentl",
    "ugly": "ugli", "early": "earli", "only": "onli", "singly": "singl", "sky": "sky", "news": "news", "howe": "howe",
    "atlas": "atlas", "cosmos": "cosmos", "bias": "bias", "andes": "andes",
}  # fmt: skip
_FIXED_WITHOUT_PLURAL = frozenset(("inning", "outing", "canning", "herring", "earring", "proceed", "exceed", "succeed"))
_LONG_BEGINNING = re.compile("gener|commun|arsen")
_REGION = re.compile("[aeiouy][^aeiouy]")
_CONSONANT_Y = re.compile("([aeiouy])y")
_DOUBLES = frozenset(("bb", "dd", "ff", "gg", "mm", "nn", "pp", "rr", "tt"))
_STEP_2 = {
    "tional": "tion", "enci": "ence", "anci": "ance", "abli": "able", "entli": "ent", "izer": "ize", "ization": "ize",
    "ational": "ate", "ation": "ate", "ator": "ate", "alism": "al", "aliti": "al", "alli": "al", "fulness": "ful",
    "ousli": "ous", "ousness": "ous", "iveness": "ive", "iviti": "ive", "biliti": "ble", "bli": "ble", "ogi": "og",
    "fulli": "ful", "lessli": "less", "li": "",
}  # fmt: skip
_STEP_3 = {
    "tional": "tion", "ational": "ate", "alize": "al", "icate": "ic", "iciti": "ic", "ical": "ic", "ful": "", "ness": "",
    "ative": "",
}  # fmt: skip
_STEP_4 = {
    "al": "", "ance": "", "ence": "", "er": "", "ic": "", "able": "", "ible": "", "ant": "", "ement": "", "ment": "", "ent": "",
    "ism": "", "ate": "", "iti": "", "ous": "", "ive": "", "ize": "", "ion": "",
}  # fmt: skip


def stem(word: str) -> str:
    """The stem of `word`, which is in lower case. Source: Porter, The English (Porter2) stemming algorithm, as of 2014."""
    if len(word) < 3:
        return word
    if word in _FIXED:
        return _FIXED[word]
    word = word.removeprefix("'")
    if word[:1] == "y":
        word = "Y" + word[1:]
    word = _CONSONANT_Y.sub(r"\1Y", word)
    first, second = _regions(word)
    word = _without_plural(_without_possessive(word))
    if word not in _FIXED_WITHOUT_PLURAL:
        word = _without_past(word, first)
        if len(word) > 2 and word[-1] in "yY" and word[-2] not in _VOWELS:
            word = word[:-1] + "i"
        word = _suffix_changed(word, _STEP_2, first, second)
        word = _suffix_changed(word, _STEP_3, first, second)
        word = _suffix_changed(word, _STEP_4, second, second)
        word = _without_last(word, first, second)
    return word.replace("Y", "y")


def _regions(word: str) -> tuple[int, int]:
    """Where R1 and R2 begin: each behind the first consonant after a vowel."""
    if begins := _LONG_BEGINNING.match(word):
        first = begins.end()
    else:
        first = _behind_region(word, 0)
    return first, _behind_region(word, first)


def _behind_region(word: str, start: int) -> int:
    found = _REGION.search(word, start)
    return found.end() if found else len(word)


def _without_possessive(word: str) -> str:
    for suffix in ("'s'", "'s", "'"):
        if word.endswith(suffix):
            return word[: -len(suffix)]
    return word


def _without_plural(word: str) -> str:
    if word.endswith("sses"):
        return word[:-2]
    if word.endswith(("ied", "ies")):
        return word[:-2] if len(word) > 4 else word[:-1]
    if word.endswith("s") and not word.endswith(("us", "ss")) and not _VOWELS.isdisjoint(word[:-2]):
        return word[:-1]
    return word


def _without_past(word: str, first: int) -> str:
    for suffix in ("eedly", "ingly", "edly", "eed", "ing", "ed"):
        if word.endswith(suffix):
            base = word[: -len(suffix)]
            if suffix.startswith("ee"):
                return f"{base}ee" if len(base) >= first else word
            return word if _VOWELS.isdisjoint(base) else _mended(base, first)
    return word


def _mended(base: str, first: int) -> str:
    """What is left when a past or continuous ending went: its e back, or one of a doubled consonant."""
    if base.endswith(("at", "bl", "iz")):
        return base + "e"
    if base[-2:] in _DOUBLES:
        return base[:-1]
    return base + "e" if len(base) == first and _ends_short(base) else base


def _ends_short(word: str) -> bool:
    """Whether the word ends in a short syllable."""
    if len(word) == 2:
        return word[0] in _VOWELS and word[1] not in _VOWELS
    return len(word) > 2 and word[-3] not in _VOWELS and word[-2] in _VOWELS and word[-1] not in "aeiouywxY"


def _suffix_changed(word: str, changes: dict[str, str], region: int, second: int) -> str:
    """The longest suffix of `changes` that the word has, changed if it lies in the region and its letter before allows it."""
    for length in range(7, 1, -1):
        suffix = word[-length:]
        if len(suffix) == length and suffix in changes:
            base = word[:-length]
            return base + changes[suffix] if len(base) >= region and _allowed(base, suffix, second) else word
    return word


def _allowed(base: str, suffix: str, second: int) -> bool:
    if suffix == "li":
        return base[-1:] in tuple("cdeghkmnrt")
    if suffix == "ogi":
        return base.endswith("l")
    if suffix == "ion":
        return base.endswith(("s", "t"))
    return suffix != "ative" or len(base) >= second


def _without_last(word: str, first: int, second: int) -> str:
    base = word[:-1]
    if word.endswith("e") and (len(base) >= second or (len(base) >= first and not _ends_short(base))):
        return base
    if word.endswith("ll") and len(base) >= second:
        return base
    return word
