"""Which words METEOR 1.5 takes for synonyms: those that share a set of WordNet, themselves or by their base form."""

from egoetl.metrics.meteor.tables import jar_text

_ENDINGS = (
    ("s", ""), ("ses", "s"), ("xes", "x"), ("zes", "z"), ("ches", "ch"), ("shes", "sh"), ("men", "man"), ("ies", "y"),
    ("es", "e"), ("es", ""), ("ed", "e"), ("ed", ""), ("ing", "e"), ("ing", ""), ("er", ""), ("est", ""), ("er", "e"),
    ("est", "e"),
)  # fmt: skip


class Synonyms:
    """The sets of WordNet by word, and the base forms of irregular words."""

    def __init__(self) -> None:
        lines = jar_text("synonym/english.synsets").splitlines()
        self._sets = dict(zip(lines[::2], lines[1::2], strict=True))
        self._bases: dict[str, list[str]] = {}
        lines = jar_text("synonym/english.exceptions").splitlines()
        for base, inflected in zip(lines[::2], lines[1::2], strict=True):
            for word in inflected.split():
                self._bases.setdefault(word, []).append(base)

    def sets(self, word: str) -> list[int]:
        """The numbers of the sets that the word is in, or its base forms are, in order. Words that share one are synonyms."""
        bases = self._bases.get(word) or [self._base(word)]
        return sorted({int(number) for form in (word, *bases) for number in self._sets.get(form, "").split()})

    def _base(self, word: str) -> str:
        """The first base form by ending that WordNet has; the word itself in -ss or of two letters; or nothing.

        METEOR also means to look at the beginning of words in -ful, but then goes on with the whole word.
        """
        if len(word) <= 2 or word.endswith("ss"):
            return word
        for ending, instead in _ENDINGS:
            if word.endswith(ending) and (form := word.removesuffix(ending) + instead) in self._sets:
                return form
        return ""
