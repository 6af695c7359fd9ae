"""The words of a caption as METEOR's `-norm` option cuts them: punctuation kept as words of its own, lower case."""

import re
from collections.abc import Mapping
from typing import Literal

Follower = Literal["anything", "number"]
"""What must follow an abbreviation for its full stop to stay."""

_LETTERS = "A-Za-zŠŽšžŸÀ-ÖØ-öø-žЀ-ӿԀ-ԧꙀ-ꙮ꙾-ꚗᴀ-ᵿ"
_LETTER = re.compile(f"[{_LETTERS}]")
_SYMBOL = re.compile(rf"([^0-9{_LETTERS} \t\n\x0b\f\r.'`,\-‘’])")
_DOTS = re.compile(r"\.(\.+)")
_DOT_BEFORE_OTHER = re.compile(r"DOTMULTI\.([^.])")
_COMMAS = (re.compile("([^0-9]),([^0-9])"), re.compile("([0-9]),([^0-9])"), re.compile("([^0-9]),([0-9])"))
_SINGLE_QUOTE = re.compile("[`‘’]")
_DOUBLE_QUOTE = re.compile("[“”]|''")
_HYPHEN = re.compile(rf"([0-9{_LETTERS}.])-([0-9{_LETTERS}])")
_QUOTES_APART = (
    re.compile(f"([^{_LETTERS}])'([^{_LETTERS}])"),
    re.compile(f"([^{_LETTERS}0-9])'([{_LETTERS}])"),
    re.compile(f"([{_LETTERS}])'([^{_LETTERS}])"),
)
_ENDINGS = (re.compile(f"([{_LETTERS}])'([{_LETTERS}])"), re.compile("([0-9])'(s)"))
_BLANKS = re.compile("[ \u2000-\u200a\u202f\u205f\u3000\u00a0]+")
_BETWEEN_WORDS = re.compile(r"[ \t\n\r\f]+")
_CONTROL = "".join(map(chr, range(33)))
_PLAIN = re.compile("[A-Za-z0-9 ]*")
_HIDDEN_DOT = "DOTMULTI"


def normalised_words(text: str, abbreviations: Mapping[str, Follower]) -> list[str]:
    """The words of `text`, which is one line; a full stop stays on an abbreviation, or before a word in lower case.

    A hyphen between words cuts them, `'s` and its like are words, quotes and dashes are made plain, the dots of U.S.
    go. Source: what `java -jar meteor-1.5.jar … -norm` does, which follows the tokenizer of Moses.
    """
    if _PLAIN.fullmatch(text) and _HIDDEN_DOT not in text:
        return text.lower().split()
    line = _with_symbols_apart(f" {text.strip(_CONTROL)} ")
    line = _with_plain_quotes_and_dashes(line)
    if "'" in line:
        line = _with_apostrophes_apart(line)
    if "." in line:
        line = _with_full_stops_apart(_split(line), abbreviations)
    if _HIDDEN_DOT in line:
        line = _with_dots_shown(line)
    if not line.isascii():
        line = _BLANKS.sub(" ", " ".join(_split(line)))
    return _split(line.strip(_CONTROL).lower())


def _split(line: str) -> list[str]:
    return [word for word in _BETWEEN_WORDS.split(line) if word]


def _with_symbols_apart(line: str) -> str:
    """Blanks around everything but letters, digits, quotes, hyphens, full stops, and commas within numbers."""
    line = _SYMBOL.sub(r" \1 ", line)
    if ".." in line or _HIDDEN_DOT in line:
        line = _with_dots_hidden(line)
    if "," in line:
        for pattern in _COMMAS:
            line = pattern.sub(r"\1 , \2", line)
    return line


def _with_dots_hidden(line: str) -> str:
    """Several dots in a row under a name, so that the last of them is not taken for a full stop."""
    line = _DOTS.sub(r" DOTMULTI\1", line)
    while "DOTMULTI." in line:
        line = _DOT_BEFORE_OTHER.sub(r"DOTDOTMULTI \1", line)
        line = line.replace("DOTMULTI.", "DOTDOTMULTI")
    return line


def _with_dots_shown(line: str) -> str:
    while "DOTDOTMULTI" in line:
        line = line.replace("DOTDOTMULTI", "DOTMULTI.")
    return line.replace(_HIDDEN_DOT, ".")


def _with_plain_quotes_and_dashes(line: str) -> str:
    if not line.isascii() or "`" in line or "''" in line:
        line = _DOUBLE_QUOTE.sub(' " ', _SINGLE_QUOTE.sub("'", line))
        line = line.replace("–", "-")
    if "-" in line:
        line = _HYPHEN.sub(r"\1 \2", line.replace("--", "-"))
    return line


def _with_apostrophes_apart(line: str) -> str:
    for pattern in _QUOTES_APART:
        line = pattern.sub(r"\1 ' \2", line)
    for pattern in _ENDINGS:
        line = pattern.sub(r"\1 '\2", line)
    return line


def _with_full_stops_apart(words: list[str], abbreviations: Mapping[str, Follower]) -> str:
    made = list(words)
    for at, word in enumerate(words):
        if len(word) > 1 and word.endswith("."):
            made[at] = _with_full_stop_apart(word[:-1], words[at + 1] if at + 1 < len(words) else "", abbreviations)
    return " ".join(made)


def _with_full_stop_apart(stem: str, following: str, abbreviations: Mapping[str, Follower]) -> str:
    """`stem` and its full stop: apart, together, or without any dot where it has dots and letters inside."""
    if "." in stem and _LETTER.search(stem):
        return stem.replace(".", "")
    needed = abbreviations.get(stem)
    stays = needed == "anything" or "a" <= following[:1] <= "z" or (needed == "number" and "0" <= following[:1] <= "9")
    return f"{stem}." if stays else f"{stem} ."
