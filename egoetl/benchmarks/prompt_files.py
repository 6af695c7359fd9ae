"""The prompts of a benchmark, from the Markdown files beside its module."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from egoetl.core.prompt import Prompt


def prompts_beside(module: str, benchmark: str) -> Mapping[str, Prompt]:
    """The prompts `prompts/<name>.md` beside a module's file, by name; in lineage each is `<benchmark>_<name>`."""
    files = sorted(Path(module).with_name("prompts").glob("*.md"))
    return MappingProxyType({file.stem: Prompt.load(file, f"{benchmark}_{file.stem}") for file in files})
