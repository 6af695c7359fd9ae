"""Prompt files: front matter, the part that several share, and what is wrong with one."""

from pathlib import Path

import pytest

from egoetl.core.errors import ConfigError, InternalError
from egoetl.core.prompt import Prompt

SHARED = """---
system: You answer briefly.
purpose: The beginning.
---
There are {{ count }} things.
{% if more %}
And more.
{% endif %}
"""
OWN = "---\nshares: parts/shared.md\npurpose: To name one.\n---\nName one of {{ count }}.\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "shared.md").write_text(SHARED, encoding="utf-8")
    (tmp_path / "own.md").write_text(OWN, encoding="utf-8")
    return tmp_path / "own.md"


def test_a_prompt_begins_with_the_part_that_it_shares(file: Path) -> None:
    prompt, shared = Prompt.load(file), Prompt.load(file.parent / "parts" / "shared.md")
    assert (prompt.system, prompt.head["purpose"]) == ("You answer briefly.", "To name one.")
    for values in ({"count": 3, "more": True}, {"count": 3, "more": False}):
        text = prompt.render(**values)
        assert text.startswith(shared.render(**values))
        assert text.endswith("Name one of 3.")


def test_what_is_kept_of_a_prompt_is_its_whole_text(file: Path) -> None:
    prompt = Prompt.load(file)
    again = Prompt(prompt.name, prompt.text)
    assert (again.system, again.body, again.sha256) == (prompt.system, prompt.body, prompt.sha256)


def test_another_shared_part_is_another_prompt(file: Path) -> None:
    before = Prompt.load(file).sha256
    shared = file.parent / "parts" / "shared.md"
    shared.write_text(SHARED.replace("briefly", "at length"), encoding="utf-8")
    assert Prompt.load(file).sha256 != before


def test_a_system_message_beside_the_shared_one_is_refused(file: Path) -> None:
    file.write_text(OWN.replace("purpose:", "system: You sing.\npurpose:"), encoding="utf-8")
    with pytest.raises(ConfigError, match="own has a system message beside that of shared") as raised:
        Prompt.load(file)
    assert raised.value.reason == "prompt_malformed"


def test_a_copy_without_its_shared_part_says_what_is_missing(file: Path, tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere.md"
    copy.write_text(file.read_text(encoding="utf-8").replace("parts/", ""), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"shares shared\.md.* copy it too") as raised:
        Prompt.load(copy)
    assert raised.value.reason == "prompt_unreadable"


def test_an_unfilled_marker_is_an_error(file: Path) -> None:
    with pytest.raises(InternalError) as raised:
        Prompt.load(file).render(more=False)
    assert raised.value.reason == "prompt_marker_unfilled"
