import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from meteor_java import numbers

from egoetl.core.errors import CallerError, ConfigError, DataError
from egoetl.metrics.meteor import tables
from egoetl.metrics.meteor.meteor_1_5 import meteor_1_5, meteor_1_5_corpus, meteor_1_5_counts, meteor_1_5_scores
from egoetl.metrics.meteor.scorer import cache_folder
from egoetl.metrics.meteor.vocabulary import java_hash

FROZEN = json.loads((Path(__file__).parents[3] / "fixtures" / "meteor_pairs.json").read_text(encoding="utf-8"))
WORDS = ["cup", "mug", "cups", "red", "table", "of", "the", "in", "person", "man", "walks", "walking", ".", "picks", "up", "takes"]
# A new machine builds METEOR's tables and compiles its loops first, for half a minute.
pytestmark = pytest.mark.slow
captions = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)


@pytest.mark.parametrize(
    ("candidate", "reference", "score"),
    [
        ("", "", 0.0),
        ("cup", "", 0.0),
        ("cup", "knife", 0.0),
        ("cup", "cup", 1.0),
        ("dishwasher", "dishwashing", 0.6),
        ("pail", "bucket", 0.8),
        ("of course", "naturally", 0.6),
        ("blue cup", "wooden cup", 0.5 * 0.4),
        ("the cup", "cup", 0.4 / (0.15 / 0.75 + 0.85)),
        ("pan bowl cup plate", "cup plate pan bowl", 1 - 0.6 * 0.5**0.2),
    ],
)
def test_scores_by_hand(candidate: str, reference: str, score: float) -> None:
    assert meteor_1_5(candidate, reference) == pytest.approx(score, abs=1e-12)


@pytest.mark.parametrize("pair", FROZEN["pairs"], ids=lambda pair: pair["candidate"][:30] or "empty")
def test_every_number_is_what_the_java_program_printed(pair: dict[str, object]) -> None:
    counts = meteor_1_5_counts(str(pair["candidate"]), str(pair["reference"]))
    assert numbers(counts) == pair["numbers"]
    assert counts.score == pytest.approx(pair["score"], abs=1e-12)


def test_a_corpus_scores_as_the_java_program_printed() -> None:
    pairs = [(pair["candidate"], pair["reference"]) for pair in FROZEN["pairs"]]
    assert meteor_1_5_corpus(pairs) == pytest.approx(FROZEN["corpus"], abs=1e-12)
    assert meteor_1_5_scores(pairs) == pytest.approx([pair["score"] for pair in FROZEN["pairs"]], abs=1e-12)


def test_of_several_references_the_best_counts() -> None:
    assert meteor_1_5("red cup", ["a knife", "red cup", "cup"]) == 1.0
    assert meteor_1_5_counts("red cup", ["red cup", "cup"]).reference_length == 2


def test_words_of_one_hash_count_as_the_same_as_in_java() -> None:
    assert java_hash("an") == java_hash("c0") == 31 * ord("a") + ord("n") == 31 * ord("c") + ord("0")
    assert meteor_1_5("c0", "an") == 1.0


def test_a_lone_word_that_matches_in_two_inexact_ways_is_left_out_as_in_java() -> None:
    """Half a word counts nothing in whole numbers, so that the search sees no gain, but a chunk more."""
    assert meteor_1_5("cups", "cup") == meteor_1_5("children", "child") == 0.0
    assert meteor_1_5("red cups", "red cup") == pytest.approx(0.8)


@settings(deadline=None)
@given(captions, captions)
def test_scores_lie_between_0_and_1_and_blanks_do_not_matter(one: str, other: str) -> None:
    score = meteor_1_5(one, other)
    assert 0.0 <= score <= 1.0
    assert meteor_1_5(f"  {one.replace(' ', '  ')}\n", other.replace(" ", "\n")) == score


@settings(deadline=None)
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=12, unique=True).map(" ".join))
def test_a_caption_is_its_own_best_candidate(caption: str) -> None:
    assert meteor_1_5(caption, caption) == 1.0
    assert meteor_1_5(caption.upper(), caption) == 1.0


def test_many_repetitions_are_aligned() -> None:
    assert 0.0 < meteor_1_5("on off " * 150, "off on on " * 100) < 1.0


def test_what_cannot_be_scored_is_named() -> None:
    with pytest.raises(CallerError, match="at least one reference"):
        meteor_1_5("cup", [])
    with pytest.raises(CallerError, match="at least one caption"):
        meteor_1_5_corpus([])
    with pytest.raises(DataError, match="5,000 words"):
        meteor_1_5("cup " * 5000, "cup")


def test_a_missing_or_broken_package_is_named_with_its_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"pycocoevalcap, which is missing: install it with"):
        tables.tables_folder()
    monkeypatch.setattr(tables, "find_spec", lambda name: SimpleNamespace(submodule_search_locations=[str(tmp_path)]))
    with pytest.raises(ConfigError, match=r"paraphrase-en\.gz, which is missing: install it with"):
        tables.paraphrase_file()
    (tmp_path / "meteor").mkdir()
    (tmp_path / "meteor" / "meteor-1.5.jar").write_bytes(b"no zip")
    with pytest.raises(ConfigError, match=r"cannot read function/english\.words"):
        tables.function_words()


def test_the_cache_is_below_the_users_cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "egoetl" / "meteor"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/home/somebody")
    assert cache_folder() == Path("/home/somebody/.cache/egoetl/meteor")
