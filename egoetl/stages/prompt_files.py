"""The prompts of the stages, from the Markdown files beside this module."""

from pathlib import Path

from egoetl.core.prompt import Prompt


def stage_prompt(name: str) -> Prompt:
    """The prompt `prompts/<name>.md`."""
    return Prompt.load(Path(__file__).with_name("prompts") / f"{name}.md", name)
