import gzip
from pathlib import Path

import numpy as np
import pytest

from egoetl.core.errors import ConfigError
from egoetl.metrics.meteor import paraphrase_table as module
from egoetl.metrics.meteor.array_file import ArrayFile
from egoetl.metrics.meteor.paraphrase_table import ParaphraseTable, paraphrase_table, read_paraphrases

ENTRIES = [("a cup", "one mug"), ("a cup", "a glass"), ("a cup of", "mug of"), ("b", "a"), ("b c", "cup")]


def table_file(folder: Path, entries: list[tuple[str, str]], tail: str = "") -> Path:
    path = folder / "table.gz"
    path.write_bytes(gzip.compress(("".join(f"0.5\n{phrase}\n{other}\n" for phrase, other in entries) + tail).encode()))
    return path


def paraphrases(table: ParaphraseTable, phrase: str) -> list[str]:
    """What the arrays say of a phrase, walked as the matching does."""
    numbers = table.word_numbers()
    words = {number: word for word, number in numbers.items()}
    node = 0
    for word in phrase.split():
        first, last = table.child_first[node], table.child_first[node + 1]
        at = first + int(np.searchsorted(table.child_word[first:last], numbers.get(word, 0)))
        if at == last or table.child_word[at] != numbers.get(word, 0):
            return []
        node = table.child_node[at]
    found = range(table.node_first[node], table.node_first[node + 1])
    parts = [table.phrases[table.phrase_first[one] : table.phrase_first[one + 1]] for one in found]
    assert [part[0] for part in parts] == [table.phrase_begins[one] for one in found]
    return [" ".join(words[number] for number in part) for part in parts]


@pytest.mark.parametrize("chunk", [1, 7, 1 << 20])
def test_every_paraphrase_is_found_in_its_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    monkeypatch.setattr(module, "_CHUNK", chunk)
    table = read_paraphrases(table_file(tmp_path, ENTRIES))
    for phrase in ("a cup", "a cup of", "b", "b c"):
        assert paraphrases(table, phrase) == [other for source, other in ENTRIES if source == phrase]
    assert [paraphrases(table, other) for other in ("a", "cup", "c", "mug", "a cup c", "unheard")] == [[]] * 6


def test_the_second_time_it_is_mapped_from_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, cache = table_file(tmp_path, ENTRIES), tmp_path / "cache"
    first = paraphrase_table(source, cache)
    monkeypatch.delattr(module, "read_paraphrases")
    second = paraphrase_table(source, cache)
    for one, other in zip(first, second, strict=True):
        assert np.array_equal(one, other)
        assert not one.flags.writeable
        assert not other.flags.writeable
    assert len(list(cache.iterdir())) == 1


def test_another_table_gets_another_file(tmp_path: Path) -> None:
    paraphrase_table(table_file(tmp_path, ENTRIES), tmp_path / "cache")
    assert paraphrases(paraphrase_table(table_file(tmp_path, [("x", "y")]), tmp_path / "cache"), "x") == ["y"]
    assert len(list((tmp_path / "cache").iterdir())) == 2


@pytest.mark.parametrize("damage", [b"", b"\xff" * 100])
def test_a_broken_cache_file_is_made_anew(tmp_path: Path, damage: bytes) -> None:
    source, cache = table_file(tmp_path, ENTRIES), tmp_path / "cache"
    paraphrase_table(source, cache)
    (kept,) = cache.iterdir()
    kept.write_bytes(damage or kept.read_bytes()[:1000])
    assert paraphrases(paraphrase_table(source, cache), "b") == ["a"]
    assert ArrayFile(kept).read() is not None


def test_where_the_cache_cannot_be_written_the_table_is_there_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    table = paraphrase_table(table_file(tmp_path, ENTRIES), tmp_path / "cache")
    assert paraphrases(table, "b") == ["a"]
    assert not table.phrases.flags.writeable


@pytest.mark.parametrize("entries", [[("b", "a"), ("a", "b"), ("b", "c")], [("a b", "c"), ("a", "c")]])
def test_a_table_out_of_order_is_refused(tmp_path: Path, entries: list[tuple[str, str]]) -> None:
    with pytest.raises(ConfigError, match="not in order"):
        read_paraphrases(table_file(tmp_path, entries))


def test_a_table_cut_short_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="ends within an entry; install pycocoevalcap anew"):
        read_paraphrases(table_file(tmp_path, ENTRIES, "0.5\nb\n"))
    path = table_file(tmp_path, ENTRIES)
    path.write_bytes(path.read_bytes()[:-12])
    with pytest.raises(ConfigError, match="cannot read its paraphrases"):
        read_paraphrases(path)


def test_a_table_with_too_many_words_is_refused(tmp_path: Path) -> None:
    entries = [("a", " ".join(f"w{number}" for number in range(start, start + 7))) for start in range(0, 70_000, 7)]
    with pytest.raises(ConfigError, match="65,535"):
        read_paraphrases(table_file(tmp_path, entries))
