"""How a model reads a prompt: the block of all that is known, which the QA prompts begin with, and lists below their headings."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile

_ENTRY = re.compile(r"^(?:-|\d+\.) ")
_TOLD = re.compile(
    r"^(?:-|\d+\.) (?:(?P<start>\d+(?:\.\d+)?) to (?P<end>\d+(?:\.\d+)?) s: )?"
    r"(?P<text>.*?)(?:; source: (?P<source>.*?))?(?:; cause: (?P<cause>.*))?$"
)
_NONE = ("- none", "- none listed")
_STRETCH = re.compile(r"from second (?P<start>\S+) to second (?P<end>[\d.]+),")
_PART = re.compile(r"^Part \d+, (?P<start>\S+) to (?P<end>\S+) s$", re.MULTILINE)
_LAST_OF_PART = re.compile(r"^(?:Other objects|Also noticed): .*$", re.MULTILINE)


@dataclass(frozen=True)
class Told:
    """Something with its seconds, where a list gives them; `source` and `cause` only of a sound, where they are known."""

    text: str
    start: float = 0.0
    end: float = 0.0
    source: str | None = None
    cause: str | None = None


@dataclass(frozen=True)
class Part:
    """What is known of one part of the stretch."""

    start: float
    end: float
    text: str
    actions: tuple[Told, ...]
    sounds: tuple[Told, ...]
    touched: tuple[str, ...]
    untouched: tuple[str, ...]

    @property
    def things(self) -> tuple[str, ...]:
        """The names of all objects, those that are acted on first."""
        return (*self.touched, *self.untouched)


class Page:
    """The text of a prompt, or of a piece of one."""

    def __init__(self, text: str) -> None:
        self.text = text

    def below(self, heading: str) -> list[str]:
        """The lines below a heading, up to the next empty one."""
        _, found, rest = f"\n{self.text}".partition(f"\n{heading}\n")
        assert found, f"no heading {heading!r} in the prompt:\n{self.text}"
        return rest.split("\n\n", 1)[0].splitlines()

    def listed(self, heading: str) -> tuple[Told, ...]:
        """The entries of the list below a heading."""
        entries = [line for line in takewhile(_ENTRY.match, self.below(heading)) if line not in _NONE]
        return tuple(map(_told, entries))

    def named(self, heading: str) -> tuple[str, ...]:
        """The names of the list below a heading, and below whatever is said first."""
        return tuple(line.removeprefix("- ") for line in self.below(heading) if line.startswith("- ") and line not in _NONE)

    def line(self, name: str) -> str:
        """What follows a name at the beginning of a line."""
        found = re.search(rf"^{name}: (.*)$", self.text, re.MULTILINE)
        assert found, f"no line {name!r} in the prompt:\n{self.text}"
        return found[1]

    def words(self, pattern: str) -> str:
        """What the pattern's group matches."""
        found = re.search(pattern, self.text)
        assert found, f"the prompt does not say {pattern!r}:\n{self.text}"
        return found[1]


class Evidence(Page):
    """A QA prompt: what is known, part by part, and what is asked after it."""

    @cached_property
    def stretch(self) -> tuple[float, float]:
        """The seconds that it is about."""
        found = _STRETCH.search(self.text)
        assert found, f"the prompt does not say from when to when:\n{self.text}"
        return float(found["start"]), float(found["end"])

    @cached_property
    def known(self) -> str:
        """Everything before the question."""
        return self.text[: self._end]

    @cached_property
    def asked(self) -> Page:
        """The question, its rules and its example."""
        return Page(self.text[self._end :].strip())

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """What is known, part by part."""
        heads = list(_PART.finditer(self.known))
        ends = [*(head.start() for head in heads[1:]), len(self.known)]
        return tuple(_part(head, self.known[head.end() : end]) for head, end in zip(heads, ends, strict=True))

    @property
    def things(self) -> tuple[str, ...]:
        """The names of all objects, each once."""
        return _each_once(name for part in self.parts for name in part.things)

    @property
    def actions(self) -> tuple[Told, ...]:
        """All actions by part."""
        return tuple(each for part in self.parts for each in part.actions)

    @property
    def sounds(self) -> tuple[Told, ...]:
        """All sounds by part."""
        return tuple(each for part in self.parts for each in part.sounds)

    @cached_property
    def _end(self) -> int:
        lines = list(_LAST_OF_PART.finditer(self.text))
        assert lines, f"the prompt tells of no part:\n{self.text}"
        return lines[-1].end()


def _part(head: re.Match[str], block: str) -> Part:
    page = Page(block)
    return Part(
        start=float(head["start"]),
        end=float(head["end"]),
        text=block,
        actions=page.listed("Actions:"),
        sounds=page.listed("Sounds:"),
        touched=_names(page.line("Objects acted on")),
        untouched=_names(page.line("Other objects")),
    )


def _names(line: str) -> tuple[str, ...]:
    return () if line == "none" else tuple(line.split("; "))


def _told(line: str) -> Told:
    found = _TOLD.match(line)
    assert found, f"no entry of a list: {line!r}"
    start, end = float(found["start"] or 0), float(found["end"] or 0)
    return Told(found["text"], start, end, _known(found["source"]), _known(found["cause"]))


def _known(text: str | None) -> str | None:
    return None if text in (None, "not seen", "not known") else text


def _each_once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
