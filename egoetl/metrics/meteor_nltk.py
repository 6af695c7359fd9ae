"""METEOR as NLTK computes it: another metric than METEOR 1.5, with other parameters, stems and synonyms. Never compare the two.

Source: Lavie and Agarwal, METEOR: An Automatic Metric for MT Evaluation with High Levels of Correlation with Human Judgments,
WMT 2007, with alpha 0.9, beta 3 and gamma 0.5, as in `nltk.translate.meteor_score`, whose code does the work here: values are
equal to its own, to the last bit, and so is what is odd in them: synonyms are those of a word's stem, so that `automobile`, whose
stem is no word, has none. Synonyms and stems are looked up once a word instead of once an occurrence.

It needs the files of WordNet 3.0, which NLTK does not bring: `python -m nltk.downloader wordnet`, or, on a machine without a
network, a folder `corpora/wordnet` with them below a folder that the environment variable NLTK_DATA names.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, cast

from egoetl.core.errors import ConfigError

if TYPE_CHECKING:
    from nltk.corpus import WordNetCorpusReader
    from nltk.stem.api import StemmerI

Tokens = Sequence[str]


class _WordNet(Protocol):
    """What is asked of NLTK's reader of WordNet, which has no types."""

    def ensure_loaded(self) -> None: ...
    def synsets(self, lemma: str) -> list[Any]: ...


class _Stemmer(Protocol):
    """What is asked of NLTK's stemmer, which has no types."""

    def stem(self, word: str) -> str: ...


class _Lemma(NamedTuple):
    """A synonym."""

    spelling: str

    def name(self) -> str:
        return self.spelling


class _Synset(NamedTuple):
    """All synonyms of a word, as though they had one meaning: METEOR asks for no more."""

    found: tuple[_Lemma, ...]

    def lemmas(self) -> tuple[_Lemma, ...]:
        return self.found


class _Synonyms:
    """WordNet as METEOR asks for it, by word."""

    def __init__(self, wordnet: _WordNet) -> None:
        self._wordnet = wordnet
        self._known: dict[str, tuple[_Synset]] = {}

    def synsets(self, word: str) -> tuple[_Synset]:
        """One synset with every lemma of the word's synsets that is one word."""
        known = self._known.get(word)
        if known is None:
            names: set[str] = {lemma.name() for synset in self._wordnet.synsets(word) for lemma in synset.lemmas()}
            known = self._known[word] = (_Synset(tuple(_Lemma(name) for name in sorted(names) if "_" not in name)),)
        return known


class _Stems:
    """Porter's stems, by word."""

    def __init__(self, stemmer: _Stemmer) -> None:
        self._stemmer = stemmer
        self._known: dict[str, str] = {}

    def stem(self, word: str) -> str:
        """The stem of a word in lower case."""
        known = self._known.get(word)
        if known is None:
            known = self._known[word] = self._stemmer.stem(word)
        return known


def meteor_nltk(prediction: Tokens, references: Sequence[Tokens]) -> float:
    """NLTK's METEOR of a text in words against its likest reference, 0 to 1; 0 where no word matches.

    Raises ConfigError `wordnet_missing` where the files of WordNet are not there, and ValueError without references.
    """
    from nltk.translate.meteor_score import meteor_score

    if not references:
        raise ValueError("METEOR needs at least one reference.")
    stems, synonyms = _lookups()
    return float(meteor_score(references, prediction, stemmer=cast("StemmerI", stems), wordnet=cast("WordNetCorpusReader", synonyms)))


@lru_cache(maxsize=1)
def _lookups() -> tuple[_Stems, _Synonyms]:
    from nltk.corpus import wordnet as reader
    from nltk.stem.porter import PorterStemmer

    wordnet = cast("_WordNet", reader)
    try:
        wordnet.ensure_loaded()
    except (LookupError, OSError) as error:
        raise ConfigError(
            "NLTK's METEOR needs the files of WordNet 3.0, which NLTK does not find: run `python -m nltk.downloader wordnet`, "
            "or name in NLTK_DATA a folder that has them in corpora/wordnet.",
            reason="wordnet_missing",
        ) from error
    return _Stems(cast("_Stemmer", PorterStemmer())), _Synonyms(wordnet)
