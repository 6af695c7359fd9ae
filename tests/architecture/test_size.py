"""A file reads as one thing."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
MOST_LINES = 400
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc"}
SOURCES = sorted(file for folder in ("egoetl", "plugins", "dags", "tests", "sql", "bench") for file in (ROOT / folder).glob("**/*.py"))


def test_no_file_is_longer_than_a_person_reads() -> None:
    lengths = {str(file.relative_to(ROOT)): len(file.read_text().splitlines()) for file in SOURCES}
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES} == {}


def test_every_module_says_in_its_name_what_it_is() -> None:
    assert [str(file.relative_to(ROOT)) for file in SOURCES if file.stem in VAGUE or file.parent.name in VAGUE] == []
