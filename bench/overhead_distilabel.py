"""The anchor of `overhead.py`, run by an environment of its own that has distilabel and not egoetl.

`python overhead_distilabel.py RECORDS TEMPLATE REPLY CACHE COUNT`: the first COUNT records, one JSON object a line, go through one
distilabel task that fills the same Jinja template, asks an LLM class that answers at once, and validates the reply by a pydantic
model. It keeps no lineage.
"""

import json
import sys
from pathlib import Path
from typing import Any

import jinja2
from distilabel.models.llms.base import AsyncLLM
from distilabel.pipeline import Pipeline
from distilabel.steps import LoadDataFromDicts
from distilabel.steps.tasks import Task
from pydantic import BaseModel, Field, PrivateAttr


class Narration(BaseModel):
    """The reply's shape."""

    caption: str = Field(min_length=1, max_length=8000)


class InstantLLM(AsyncLLM):
    """An LLM in the manner of all that distilabel brings for servers, which answers at once."""

    reply: str

    @property
    def model_name(self) -> str:
        """Its name."""
        return "instant"

    async def agenerate(self, input: list[dict[str, str]], num_generations: int = 1) -> dict[str, Any]:  # noqa: A002, ARG002 - distilabel's names
        """The reply, with tokens as a server would count them."""
        return {"generations": [self.reply] * num_generations, "statistics": {"input_tokens": [640], "output_tokens": [58]}}


class Narrate(Task):
    """One paragraph from captions and a graph."""

    template: str
    _template: jinja2.Template = PrivateAttr()

    def load(self) -> None:
        """Compile the template, once."""
        super().load()
        # A prompt is no web page: escaping would spoil it.
        environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True)  # noqa: S701
        self._template = environment.from_string(self.template)

    @property
    def inputs(self) -> list[str]:
        """The columns of a record."""
        return ["item"]

    @property
    def outputs(self) -> list[str]:
        """What is added to it."""
        return ["caption", "model_name"]

    def format_input(self, input: dict[str, Any]) -> list[dict[str, str]]:  # noqa: A002 - distilabel's name
        """The messages."""
        return [
            {"role": "system", "content": "You write exact, plain narrations of first-person videos from given facts."},
            {"role": "user", "content": self._template.render(item=input["item"])},
        ]

    def format_output(self, output: str | None, input: dict[str, Any] | None = None) -> dict[str, Any]:  # noqa: A002, ARG002 - distilabel's names
        """The validated reply."""
        return Narration.model_validate_json(output or "").model_dump()


def main() -> None:
    """Run the pipeline, and check that every record came out."""
    records, template, reply, cache, count = sys.argv[1:]
    with Path(records).open(encoding="utf-8") as lines:
        data = [{"item": json.loads(line)} for line, _ in zip(lines, range(int(count)), strict=False)]
    with Pipeline(name="overhead", cache_dir=cache) as pipeline:
        load = LoadDataFromDicts(data=data)
        load >> Narrate(llm=InstantLLM(reply=Path(reply).read_text()), template=Path(template).read_text())
    made = pipeline.run(use_cache=False)["default"]["train"]
    if len(made) != int(count) or not all(made["caption"]):
        sys.exit(f"distilabel returned {len(made)} of {count} records")


if __name__ == "__main__":
    main()
