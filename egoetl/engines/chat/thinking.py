"""The block of thinking that some models put before their answer: `<think>...</think>`."""

from typing import NamedTuple

OPEN = "<think>"
CLOSE = "</think>"


class Cut(NamedTuple):
    """An answer without its thinking, and the thinking without its tags."""

    answer: str
    thinking: str


def cut_thinking(text: str) -> Cut:
    """Part an answer from the thinking before it.

    Chat templates may write the opening tag into the prompt, so that a reply holds the closing one alone. The answer begins behind
    the first closing tag that leaves JSON, else behind the last; a block that is never closed leaves none. A text that is JSON as
    it stands has no thinking, whatever its strings say.
    """
    if is_json(text):
        return Cut(text, "")
    end = _end_of_thinking(text)
    answer = text[end:].lstrip()
    if answer.startswith(OPEN):
        end, answer = len(text), ""
    return Cut(answer if end else text, _words(text[:end]))


def is_json(text: str) -> bool:
    """Whether a text is one JSON object or list."""
    import orjson

    if not text.lstrip().startswith(("{", "[")):
        return False
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True


def _end_of_thinking(text: str) -> int:
    """Where the answer begins; 0: there is no closing tag."""
    end = 0
    while (found := text.find(CLOSE, end)) >= 0:
        end = found + len(CLOSE)
        if is_json(text[end:]):
            return end
    return end


def _words(thinking: str) -> str:
    return thinking.replace(OPEN, "").replace(CLOSE, "").strip()
