"""NLTK's METEOR: what it needs, and that looking words up once changes no value."""

import random
from collections.abc import Iterator

import nltk
import pytest
from nltk.corpus.reader import CorpusReader
from nltk.corpus.reader.wordnet import WordNetCorpusReader
from nltk.corpus.util import LazyCorpusLoader
from nltk.translate.meteor_score import meteor_score
from wordnet_corpus import make_corpus

from egoetl.core.errors import ConfigError
from egoetl.metrics import meteor_nltk as module
from egoetl.metrics.meteor_nltk import meteor_nltk
from egoetl.metrics.tokens import tokens

WORDS = [
    "the", "a", "man", "woman", "picks", "pick", "picking", "up", "holds", "hold", "cup", "mug", "glass", "car", "automobile", "auto",
    "dog", "hound", "runs", "running", "run", "sits", "chair", "seat", "fast", "quickly", "large", "big", "little", "begin", "start",
]  # fmt: skip

OTHER_LANGUAGES = LazyCorpusLoader("omw-1.4", CorpusReader, r".*\.tab", encoding="utf8")
"""Never read, but NLTK warns where its reader of WordNet is given none."""


def unread() -> LazyCorpusLoader:
    """A reader that has read nothing."""
    return LazyCorpusLoader("wordnet", WordNetCorpusReader, OTHER_LANGUAGES)


@pytest.fixture
def no_wordnet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(nltk.data, "path", [])
    monkeypatch.setattr(nltk.corpus, "wordnet", unread())
    module._lookups.cache_clear()
    yield
    module._lookups.cache_clear()


@pytest.fixture(scope="module")
def wordnet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WordNetCorpusReader]:
    """WordNet, read once: that takes seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nltk.data, "path", [str(make_corpus(tmp_path_factory.mktemp("nltk_data")))])
        patch.setattr(nltk.corpus, "wordnet", unread())
        module._lookups.cache_clear()
        yield nltk.corpus.wordnet
    module._lookups.cache_clear()


def test_without_wordnet_it_says_what_is_missing(no_wordnet: None) -> None:
    with pytest.raises(ConfigError, match=r"nltk.downloader wordnet") as caught:
        meteor_nltk(["a"], [["a"]])
    assert caught.value.reason == "wordnet_missing"


def test_without_references_it_is_called_wrongly() -> None:
    with pytest.raises(ValueError, match="at least one reference"):
        meteor_nltk(["a"], [])


@pytest.mark.needs("wordnet")
def test_by_hand(wordnet: WordNetCorpusReader) -> None:
    # `dog` is equal, `runs` has the stem of `run`, `auto` is a synonym of `car`: 3 of 3 words and 3 of 3, in one chunk.
    assert meteor_nltk(tokens("Dog runs auto"), [tokens("dog run car")]) == pytest.approx(1 - 0.5 / 27)
    # NLTK looks for synonyms of the stem, and nothing is called `automobil`: 2 of 3 and 2 of 3, in one chunk.
    assert meteor_nltk(tokens("Dog runs automobile"), [tokens("dog run car")]) == pytest.approx(2 / 3 * (1 - 0.5 / 8))
    assert meteor_nltk(tokens("cup"), [tokens("sky"), tokens("cup")]) == 0.5
    assert meteor_nltk([], [["a"]]) == meteor_nltk(["a"], [[]]) == meteor_nltk(["zzz"], [["yyy"]]) == 0


@pytest.mark.needs("wordnet")
def test_it_is_nltks_to_the_last_bit(wordnet: WordNetCorpusReader) -> None:
    drawn = random.Random(9)
    vocabulary = [*WORDS, *drawn.sample([name for name in wordnet.all_lemma_names() if "_" not in name], 200), "É", "...", "$5", "_", ""]
    for _ in range(60):
        prediction, *references = (drawn.choices(vocabulary, k=drawn.randint(0, 30)) for _ in range(drawn.randint(2, 4)))
        assert meteor_nltk(prediction, references) == meteor_score(references, prediction, wordnet=wordnet)


@pytest.mark.needs("wordnet")
def test_two_thousand_words(wordnet: WordNetCorpusReader) -> None:
    drawn = random.Random(10)
    prediction, reference = drawn.choices(WORDS, k=2000), ["hound"] * 2000
    assert meteor_nltk(prediction, [reference]) == meteor_score([reference], prediction, wordnet=wordnet)
