"""Who may import whom: the contracts of pyproject.toml for egoetl, and the syntax tree for dags/, which is no package."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[2]
DAGS = sorted((ROOT / "dags").glob("**/*.py"))
ALLOWED_IN_DAGS = ("airflow", "egoetl_airflow", "egoetl.recipes", "egoetl.benchmarks", "egoetl.training.jobs")


def imports(file: Path) -> Iterator[str]:
    """Every module that a file imports, anywhere in it, without the standard library."""
    for node in ast.walk(ast.parse(file.read_text(), str(file))):
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found = ["." * node.level + (node.module or "")]
        else:
            continue
        yield from (name for name in found if name.split(".")[0] not in sys.stdlib_module_names)


def within(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == package or module.startswith(package + ".") for package in packages)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_import_contracts_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert lint_imports(no_cache=True) == 0


@pytest.mark.parametrize("file", DAGS, ids=lambda file: file.name)
def test_a_dag_file_imports_only_airflow_recipes_and_the_factory(file: Path) -> None:
    assert [module for module in imports(file) if not within(module, ALLOWED_IN_DAGS)] == []


def test_there_are_dag_files() -> None:
    assert DAGS


def test_an_import_inside_a_function_is_seen(tmp_path: Path) -> None:
    file = tmp_path / "dag.py"
    file.write_text("def late():\n    from egoetl.lineage import open\n    import os, torch\n")
    assert list(imports(file)) == ["egoetl.lineage", "torch"]
