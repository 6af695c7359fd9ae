"""What the pages say exists: files, functions, commands and their options, verbs of make, settings, other pages."""

import ast
import importlib.util
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer

from egoetl.cli.main import app
from egoetl.core import errors
from egoetl.core.settings import Settings
from egoetl.qa.index import TASKS

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
GENERATED = {"cli.md", "failures.md", "lineage.md"}
WRITTEN = [page for page in PAGES if page.name not in GENERATED]
FOLDERS = {"egoetl", "plugins", "dags", "deploy", "sql", "docs", "tests", "locks", "bench", ".ci"}

FENCE = re.compile(r"^```(?P<kind>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)")
HEADING = re.compile(r"^#+ ", re.MULTILINE)
FUNCTION = re.compile(r"^([A-Za-z_]\w*(?:\.\w+)?)\(\)$")
COMMAND = re.compile(r"(?:^|[\s/(`])egoetl ((?:[a-z-]+ ?)+(?:[^`\n|]*))")
MAKE = re.compile(r"\bmake ([a-z]+)\b")
VARIABLE = re.compile(r"\bEGOETL_[A-Z0-9_]+\b")

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
each_written_page = pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))


class Section(NamedTuple):
    """What stands under one heading: spans of code, and the files that they name."""

    title: str
    spans: list[str]
    files: list[Path]


def prose(page: Path) -> str:
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def shell(page: Path) -> list[str]:
    """Everything on a page that a reader could type: lines of shell blocks, and spans of code."""
    text = page.read_text(encoding="utf-8")
    lines = [line for block in FENCE.finditer(text) if block["kind"] in ("sh", "bash") for line in block["text"].splitlines()]
    return [line for line in lines if not line.lstrip().startswith("#")] + SPAN.findall(FENCE.sub("", text))


def sections(page: Path) -> Iterator[Section]:
    for part in HEADING.split(prose(page)):
        spans = SPAN.findall(part)
        files = [file for span in spans if is_path(span) for file in found(span)]
        yield Section(part.partition("\n")[0], spans, files)


def is_path(span: str) -> bool:
    return " " not in span and span.partition("/")[0] in FOLDERS and "/" in span


def found(path: str) -> list[Path]:
    """The files that a path names; `<task>` stands for any name."""
    pattern = re.sub(r"<\w+>", "*", path).rstrip("/")
    return sorted(ROOT.glob(pattern))


@lru_cache
def defined(file: Path) -> frozenset[str]:
    """Functions, classes and `Class.method` of a file."""
    names: set[str] = set()
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
        if isinstance(node, ast.ClassDef):
            names |= {f"{node.name}.{each.name}" for each in node.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)}
    return frozenset(names)


@each_page
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    assert [span for section in sections(page) for span in section.spans if is_path(span) and not found(span)] == []


@each_page
def test_every_link_leads_somewhere(page: Path) -> None:
    assert [target for target in LINK.findall(prose(page)) if not (page.parent / target).exists()] == []


@each_written_page
def test_every_function_that_a_page_names_is_in_a_file_of_its_section(page: Path) -> None:
    missing = [
        f"{section.title}: {span}"
        for section in sections(page)
        for span in section.spans
        if (named := FUNCTION.match(span)) and not any(named[1] in defined(file) for file in section.files if file.suffix == ".py")
    ]
    assert missing == []


def command_of(words: list[str]) -> tuple[Any, list[str]]:
    """The command that these words name, and the words that are left."""
    command: Any = typer.main.get_command(app)
    while words and words[0] in getattr(command, "commands", {}):
        command, words = command.commands[words[0]], words[1:]
    return command, words


@each_written_page
def test_every_command_that_a_page_names_can_be_typed(page: Path) -> None:
    wrong: list[str] = []
    for line in shell(page):
        for text in COMMAND.findall(line):
            command, left = command_of(text.split())
            options = {option for each in command.params for option in each.opts}
            unknown = [word for word in left if word.startswith("--") and word.partition("=")[0].rstrip("]),.;") not in options]
            if unknown or (getattr(command, "commands", None) and left and left[0].isalpha() and left[0].islower()):
                wrong.append(text)
    assert wrong == []


@each_page
def test_every_verb_of_make_is_in_the_makefile(page: Path) -> None:
    verbs = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {verb for line in shell(page) for verb in MAKE.findall(line)} - verbs == set()


@each_page
def test_every_variable_that_a_page_names_is_read_by_something(page: Path) -> None:
    sources = [file for folder in ("egoetl", "plugins", "tests") for file in (ROOT / folder).rglob("*.py")]
    read = {f"EGOETL_{name.upper()}" for name in Settings.model_fields}
    read |= {name for file in [*sources, ROOT / ".ci" / "run"] for name in VARIABLE.findall(file.read_text(encoding="utf-8"))}
    assert set(VARIABLE.findall(page.read_text(encoding="utf-8"))) - read == set()


def test_the_settings_page_lists_every_setting() -> None:
    rows = set(re.findall(r"^\| `(EGOETL_[A-Z0-9_]+)`", (ROOT / "docs" / "settings.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert {f"EGOETL_{name.upper()}" for name in Settings.model_fields} - rows == set()


def test_the_readme_has_every_task_with_the_pairs_that_it_makes() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \|.*\| (\d+)(?: of each type)? \| (\d+) \|$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    made = {name: [str(task.asked[kind]().pairs) for kind in ("clip", "segment")] for name, task in TASKS.items()}
    assert {name: pairs for name, *pairs in rows} == made


def test_the_queries_of_the_readme_are_those_of_the_repository() -> None:
    shown = [block["text"].strip() for block in FENCE.finditer((ROOT / "README.md").read_text(encoding="utf-8")) if block["kind"] == "sql"]
    kept = {file.read_text(encoding="utf-8").strip() for file in (ROOT / "sql" / "queries").glob("*.sql")}
    assert len(shown) == 3
    assert [query for query in shown if query not in kept] == []


def test_the_page_for_the_person_on_call_lists_every_exit_code() -> None:
    codes = set(re.findall(r"^\| (\d+) \|", (ROOT / "docs" / "operations.md").read_text(encoding="utf-8"), re.MULTILINE))
    kinds = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, errors.EgoetlError)]
    assert {str(each.exit_code) for each in kinds} <= codes


def test_the_way_along_one_segment_has_at_most_nine_hops() -> None:
    hops = re.findall(r"^### (\d)\. ", (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert hops == [str(number) for number in range(1, len(hops) + 1)]
    assert 5 <= len(hops) <= 9


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "adr"
    listed = set(LINK.findall((folder / "README.md").read_text(encoding="utf-8")))
    assert listed == {file.name for file in folder.glob("0*.md")}


def generator(name: str) -> Any:
    """The script that writes a generated page."""
    module = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    assert module is not None
    assert module.loader is not None
    made = importlib.util.module_from_spec(module)
    module.loader.exec_module(made)
    return made


def test_the_lineage_page_is_what_the_database_says(database_url: str) -> None:
    written = (ROOT / "docs" / "lineage.md").read_text(encoding="utf-8")
    assert generator("generate_lineage").lineage_page(database_url) == written, "run .venv/bin/python docs/generate_lineage.py"


def test_the_performance_page_shows_the_results_that_were_kept() -> None:
    written = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    assert generator("generate_performance").page() == written, "run .venv/bin/python docs/generate_performance.py"


@pytest.mark.slow
def test_the_failures_page_is_what_a_build_over_the_damaged_set_says(database_url: str, tmp_path: Path) -> None:
    written = (ROOT / "docs" / "failures.md").read_text(encoding="utf-8")
    made = generator("generate_failures").failures_page(database_url, tmp_path)
    assert made == written, "run .venv/bin/python docs/generate_failures.py"
