"""Prompts: front matter and a Jinja template in one Markdown file. An unfilled marker is an error.

Prompts that are asked about the same thing share a part: a file that the front matter's `shares` names, beside them. Its system
message is theirs and its template begins theirs, so that their requests begin alike and a server computes that beginning once.

Jinja is loaded when a prompt is first filled: a stage whose results are all there fills none.
"""

import re
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from egoetl.core.content_key import sha256_of
from egoetl.core.errors import ConfigError, InternalError

if TYPE_CHECKING:
    import jinja2

_FRONT_MATTER = re.compile(r"\A---\n(?P<head>.*?)\n---\n(?P<body>.*)\Z", re.DOTALL)


class Prompt:
    """A template with its front matter (`system`, `purpose`); `sha256` names its whole text in lineage, a shared part included."""

    def __init__(self, name: str, text: str) -> None:
        match = _FRONT_MATTER.match(text)
        if match is None:
            raise ConfigError(
                f"Prompt {name} has no front matter: start the file with '---', 'system: ...', '---'.", reason="prompt_malformed"
            )
        self.name = name
        self.text = text
        self.head = dict(_head_line(name, line) for line in match["head"].splitlines() if line.strip())
        self.body = match["body"].strip()
        self.sha256 = sha256_of(text)

    @classmethod
    def load(cls, file: Path, name: str | None = None) -> "Prompt":
        """Read a prompt file and the part that it shares, if any; its name is the file's stem unless given."""
        try:
            prompt = cls(name or file.stem, file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"Prompt file {file} cannot be read: {error}.", reason="prompt_unreadable") from error
        if (shared := prompt.head.get("shares")) is None:
            return prompt
        if not (file.parent / shared).is_file():
            raise ConfigError(
                f"Prompt file {file} shares {shared}, and {file.parent / shared} is not there; copy it too, or name where it lies.",
                reason="prompt_unreadable",
            )
        return cls(prompt.name, prompt.with_beginning(cls.load(file.parent / shared)))

    def with_beginning(self, shared: "Prompt") -> str:
        """The text of this prompt with the shared part's system message, and its template before this one's."""
        if "system" in self.head:
            raise ConfigError(
                f"Prompt {self.name} has a system message beside that of {shared.name}, which it shares; remove one of the lines.",
                reason="prompt_malformed",
            )
        head = {"system": shared.system, **{name: value for name, value in self.head.items() if name != "shares"}}
        lines = "\n".join(f"{name}: {value}" for name, value in head.items())
        return f"---\n{lines}\n---\n{shared.body}\n\n{self.body}\n"

    @property
    def system(self) -> str:
        """The system message."""
        return self.head.get("system", "You are a careful assistant.")

    @cached_property
    def _template(self) -> "jinja2.Template":
        import jinja2

        try:
            return _environment().from_string(self.body)
        except jinja2.TemplateSyntaxError as error:
            raise ConfigError(f"Prompt {self.name}, line {error.lineno}: {error.message}.", reason="prompt_malformed") from error

    def markers(self) -> set[str]:
        """The names that the template needs."""
        from jinja2 import meta

        return meta.find_undeclared_variables(_environment().parse(self.body))

    def render(self, **values: Any) -> str:
        """Fill the template. Raises InternalError `prompt_marker_unfilled` if a name is missing."""
        from jinja2 import UndefinedError

        # The template's own `render` merges the globals one by one, which takes longer than the rest of a short prompt.
        context = self._template.new_context({**_environment().globals, **values}, shared=True)
        try:
            return "".join(self._template.root_render_func(context)).strip()
        except UndefinedError as error:
            raise InternalError(f"Prompt {self.name} has an unfilled marker: {error.message}.", reason="prompt_marker_unfilled") from error


@cache
def _environment() -> "jinja2.Environment":
    """Jinja, loaded by the first prompt that is filled: stages that decode, and DAGs, have none."""
    import jinja2

    # Prompts are plain text for a model, never markup: escaping would spoil them.
    return jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True)  # noqa: S701


def _head_line(prompt: str, line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon:
        raise ConfigError(f"Prompt {prompt}: front matter line {line!r} is not 'name: value'.", reason="prompt_malformed")
    return name.strip(), value.strip()
