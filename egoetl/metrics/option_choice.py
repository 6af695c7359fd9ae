"""Which option a free text chooses, read only where a text puts its choice: never a letter of a word, never the article `a`."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import chain

from egoetl.core.errors import DataError
from egoetl.metrics.answer_field import answer_field
from egoetl.metrics.choice import Choice

LETTERS = "ABCDEF"
_LEAST_OPTIONS = 2

_EMPHASIS = re.compile(r"[*`]+|(?<!\w)_+(?=\w)|(?<=\w)_+(?!\w)|</?\w+>")
_OUTER = " \t\r\n.,:;!?\"'“”‘’()[]"
_SENTENCE_END = re.compile(r"[.;!?](?:\s|\Z)|\n")
_LETTER_ALONE = re.compile(r"\W*([A-Fa-f])\W*\Z")
_GOES_ON = r"\s+(?:because|since|as|is|was|or|and|if|for|due|with|nor)\b"
"""What follows a letter, but never the article `A`."""
_CAPITAL = rf"(?<![\w'’.-])(?:([B-F])(?![\w'’-])|(A)(?:(?={_GOES_ON})|(?!\s+[a-z]|[\w'’-])))"
"""A capital that stands alone and is no article."""
_END = r"\s*(?:\.(?!\w)|[,;:!?)\]\"”/&\n]|['’](?!\w)|\Z)"
"""What ends a choice, so that it may be a small letter; `e.g.` goes on."""
_CAPITALS = re.compile(_CAPITAL)
_STATEMENT = re.compile(
    r"\b(?:answers?|ans|(?:correct|right|best|final)\s+(?:option|choice|one)|option|choice)"
    r"(?:\s+(?:to|for|of)\s[^.:\n]{1,120}?)?"
    r"\s*(?:\b(?:is|would\s+be|should\s+be|must\s+be|will\s+be|could\s+be|might\s+be|may\s+be)\b|[:=→]|\s[-–—]\s)"
    r"|\b(?:I|we)(?:\s+would|\s+will|['’]d|['’]ll)?\s+(?:choose|pick|select|go\s+with)\b",
    re.IGNORECASE,
)
_FINAL = re.compile(r"\bfinal\s+(?:answer|choice)\b[^.\n]*?(?:\bis\b|[:=→]|\s[-–—]\s)", re.IGNORECASE)
_OPENING = re.compile(r"[\s:]*")
_FILLER = re.compile(
    r"(?:(?:most\s+likely|most\s+probably|likely|probably|definitely|clearly|therefore|either)\s+)?"
    r"(?:(?:the\s+)?(?:option|choice|letter)\s+)?[\"'“‘]*",
    re.IGNORECASE,
)
# What a statement states; then the places of a choice without one: the beginning of a line, a mark anywhere, the very end.
_STATED = re.compile(rf"[(\[]([A-Fa-f])[)\]]|([A-Fa-f])(?={_END})|{_CAPITAL}")
_ALTERNATIVE = re.compile(rf"[)\]\"'”’]*\s*(?:,?\s*\b(?:or|and)\b|[,/&])\s*(?:maybe\s+|option\s+)*[(\[\"'“‘]*{_CAPITAL}")
_LEADING = re.compile(
    r"\s*(?:[-•]\s+)?(?:[(\[]([A-Fa-f])[)\]]|([A-Fa-f])(?:[)\]]|\s?[.:](?=\s|\Z)|\s*\Z)"
    rf"|([A-F])(?=,\s|\s[-–—]\s|{_GOES_ON}))",
)
_WITH_TEXT = re.compile(r"\s*([A-Fa-f])\s+(?=\S)")
_MARKED = re.compile(
    r"(?<!\bnot )(?:[(\[]([A-Fa-f])[)\]]|(?<![\w(\[])([A-F])\)"
    rf"|\b(?:[Oo]ption|[Cc]hoice|[Aa]nswer|OPTION|ANSWER)\s+(?:{_CAPITAL}|([a-f])(?={_END}|\s+is\b)))",
)
_CLOSING = re.compile(
    r"(?:[,:;–—.!?]\s*|(?<!\bnot )(?<!n['’]t )\b(?i:is|it['’]s|say|think|choose|pick|select|so|therefore|thus|hence)\s+)"
    r"([A-F])[\s.!\"')\]]*\Z"
)


def option_choice(text: str, options: Sequence[str]) -> Choice:
    """The option that a text chooses, by its letter or by its own words.

    `options` are the texts of options A to F, two to six; empty where an option is a picture. Read in this order, the first
    that finds anything decides: the answer of a JSON object, between tags or in a box; the whole text; `the answer is B`; a line
    that begins with `B)`; `(B)` or `option B` anywhere; a capital letter at the very end; a sentence that is an option's words.
    No choice has a reason: `no_option`, or `two_options` where the deciding place names several, or a letter with the words of
    another option. Raises DataError `option_count`.
    """
    if not _LEAST_OPTIONS <= len(options) <= len(LETTERS):
        raise DataError(f"A question has {len(options)} options; two to six can be told apart.", reason="option_count")
    field = answer_field(text)
    plain = _plain(text if field is None else field)
    chosen = _Reader(options).chosen(plain)
    if not chosen:
        bare = {letter for letter in _letters(_CAPITALS.finditer(plain)) if letter < len(options)}
        return Choice(None, "two_options" if len(bare) > 1 else "no_option")
    return Choice(chosen.pop()) if len(chosen) == 1 else Choice(None, "two_options")


class _Reader:
    """Reads choices among these options; a choice is the set of indices that a place names."""

    def __init__(self, options: Sequence[str]) -> None:
        self._words = [_bare(_plain(option)) for option in options]

    def chosen(self, text: str) -> set[int]:
        """The indices named by the first place that names any."""
        ways = (self._whole, self._stated, self._leading, self._marked, self._closing, self._sentences)
        return next((found for found in (way(text) for way in ways) if found), set[int]())

    def _whole(self, text: str) -> set[int]:
        alone = _LETTER_ALONE.match(text)
        return self._known(_letters([alone])) if alone else self._named(text)

    def _named(self, text: str) -> set[int]:
        """The options whose words these are."""
        words = _bare(text)
        return {index for index, option in enumerate(self._words) if words and words == option}

    def _known(self, letters: Sequence[int]) -> set[int]:
        return {letter for letter in letters if letter < len(self._words)}

    def _stated(self, text: str) -> set[int]:
        found = list(_FINAL.finditer(text)) or list(_STATEMENT.finditer(text))
        return set(chain.from_iterable(self._value(text[each.end() :]) for each in found))

    def _value(self, text: str) -> set[int]:
        """What follows `the answer is`: an option's words, or letters."""
        text = _after(_OPENING, text)
        if named := self._named(_sentence(text)):
            return named
        text = _after(_FILLER, text)
        with_text = _WITH_TEXT.match(text)
        if with_text and self._agrees(with_text, _sentence(text)):
            return self._known(_letters([with_text]))
        stated = _STATED.match(text)
        if not stated:
            return set()
        letters, rest = _letters([stated]), text[stated.end() :]
        while alternative := _ALTERNATIVE.match(rest):
            letters += _letters([alternative])
            rest = rest[alternative.end() :]
        return self._known(letters) | self._contradicted(letters[0], rest.split("\n", 1)[0])

    def _agrees(self, letter: re.Match[str], line: str) -> bool:
        """Whether the letter's own option is what follows it: `B a dog`."""
        return self._known(_letters([letter])) == self._named(line[letter.end() :])

    def _leading(self, text: str) -> set[int]:
        return set(chain.from_iterable(self._line(line) for line in text.splitlines()))

    def _line(self, line: str) -> set[int]:
        with_text = _WITH_TEXT.match(line)
        if with_text and self._agrees(with_text, line):
            return self._known(_letters([with_text]))
        leading = _LEADING.match(line)
        if not leading:
            return set()
        letter, rest = _letters([leading])[0], line[leading.end() :]
        if letter >= len(self._words) or self._named(rest) == {letter}:
            return self._known([letter])
        others = _letters(chain(_MARKED.finditer(rest), _CAPITALS.finditer(rest)))
        return self._known([letter, *others]) | self._contradicted(letter, rest)

    def _contradicted(self, letter: int, rest: str) -> set[int]:
        """The option whose words follow the letter of another."""
        named = self._named(rest)
        return set() if letter in named else named

    def _marked(self, text: str) -> set[int]:
        return self._known(_letters(_MARKED.finditer(text)))

    def _closing(self, text: str) -> set[int]:
        closing = _CLOSING.search(text.rstrip())
        return self._known(_letters(chain([closing], _CAPITALS.finditer(text)))) if closing else set()

    def _sentences(self, text: str) -> set[int]:
        """The options of which a whole sentence or line is the words."""
        return set(chain.from_iterable(self._named(sentence) for sentence in _SENTENCE_END.split(text)))


def _letters(found: Iterator[re.Match[str]] | Sequence[re.Match[str]]) -> list[int]:
    """The indices of the letters that matches hold, each in whichever of its groups."""
    return [LETTERS.index(letter.upper()) for match in found for letter in match.groups() if letter]


def _after(pattern: re.Pattern[str], text: str) -> str:
    """The text behind a beginning that the pattern, which may be nothing, takes."""
    found = pattern.match(text)
    return text[found.end() :] if found else text


def _sentence(text: str) -> str:
    return _SENTENCE_END.split(text, maxsplit=1)[0]


def _plain(text: str) -> str:
    """The text without emphasis, fences and tags."""
    return _EMPHASIS.sub(" ", unicodedata.normalize("NFKC", text)).strip()


def _bare(text: str) -> str:
    """Words to compare an option by: case, white space and what surrounds it do not count."""
    return " ".join(text.casefold().split()).strip(_OUTER)
