"""docs/metrics.md: what it lists is there."""

import ast
import importlib.util
from pathlib import Path

import pytest

from egoetl.metrics.catalogue import SECTIONS, Described
from egoetl.metrics.defects import DEFECTS, Defect

ROOT = Path(__file__).parents[2]
DESCRIBED = [each for described in SECTIONS.values() for each in described]


def test_the_page_is_what_the_catalogue_and_the_table_of_defects_say() -> None:
    spec = importlib.util.spec_from_file_location("generate_metrics", ROOT / "docs" / "generate_metrics.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.page() == (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8"), "run .venv/bin/python docs/generate_metrics.py"


def functions(file: str) -> set[str]:
    """The functions of a file; none where there is no file."""
    text = (ROOT / file).read_text(encoding="utf-8") if (ROOT / file).is_file() else ""
    return {node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.test)
def test_every_test_of_a_defect_is_there(defect: Defect) -> None:
    tests = [test.split("::") for test in defect.test.split()]
    assert tests
    assert [f"{file}::{name}" for file, name in tests if name not in functions(file)] == []


@pytest.mark.parametrize("described", DESCRIBED, ids=lambda described: described.title)
def test_every_metric_has_its_file(described: Described) -> None:
    assert (ROOT / "egoetl" / "metrics" / described.module).is_file()


def test_cells_hold_no_bars() -> None:
    cells = [text for each in (*DEFECTS, *DESCRIBED) for text in each if isinstance(text, str)]
    assert [text for text in cells if "|" in text or "\n" in text] == []


def test_every_measure_that_a_benchmark_names_is_described() -> None:
    described = {name for each in DESCRIBED for name in each.names}
    measures = {
        keyword.value.value
        for file in (ROOT / "egoetl" / "benchmarks").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Measure"
        for keyword in node.keywords
        if keyword.arg == "name" and isinstance(keyword.value, ast.Constant)
    }
    assert "accuracy" in measures
    assert measures - described == set()
