"""Short answers: what stands behind `Answer:` where a model was asked to begin with it."""

import re

from egoetl.metrics.answer_field import answer_field

_LABEL = re.compile(r"^[ \t*_#>]*(?:final )?answer[ \t*_]*:[\s*_]*(?=\S)", re.IGNORECASE | re.MULTILINE)


def unlabelled(text: str) -> str:
    """The answer of a JSON object; else what follows the last `Answer:` that begins a line; else the whole text."""
    if text.lstrip().startswith(("{", "[", "```")) and (field := answer_field(text)) is not None:
        return field.strip()
    labels = list(_LABEL.finditer(text))
    return (text[labels[-1].end() :] if labels else text).strip()
