"""Lists and objects that a benchmark or a model wrote down as text: JSON, or Python's own spelling of the same."""

import ast
import json
import warnings
from typing import Any, cast

LONGEST = 1_000_000
"""Characters of a literal: a longer text is none that anybody wrote."""


class MalformedError(ValueError):
    """A text is not what it should be; the message says what is wrong, as part of a sentence."""


def literal_of(text: str) -> Any:
    """The value of a JSON text, or of a Python literal of lists, tuples, dicts, texts, numbers, booleans and None.

    Nothing is evaluated, and tuples become lists. Raises MalformedError where it is neither.
    """
    if len(text) > LONGEST:
        raise MalformedError(f"it has {len(text)} characters")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    try:
        with warnings.catch_warnings():
            # What the text holds of odd escapes is its affair, and no warning about our code.
            warnings.simplefilter("ignore")
            return _plain(ast.literal_eval(text.strip()))
    except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError) as error:
        raise MalformedError("it is neither JSON nor a Python literal") from error


def texts_of(value: Any) -> tuple[str, ...]:
    """A list of texts, without spaces around them, or an object of them under A, B, C ..., given as such or as a literal.

    Raises MalformedError where it is anything else, or where one of them is empty.
    """
    if isinstance(value, str):
        value = literal_of(value)
    if isinstance(value, dict):
        value = _lettered(cast("dict[Any, Any]", value))
    if not isinstance(value, list):
        raise MalformedError("it is no list")
    texts = [each.strip() if isinstance(each, str) else _number(each) for each in cast("list[Any]", value)]
    if not all(texts):
        raise MalformedError("one of its texts is empty")
    return tuple(texts)


def _lettered(named: dict[Any, Any]) -> list[Any]:
    letters = [chr(ord("A") + index) for index in range(len(named))]
    if set(named) != set(letters):
        raise MalformedError("its names are not A, B, C ...")
    return [named[letter] for letter in letters]


def _number(value: Any) -> str:
    """A number as it is written: options may be counts."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise MalformedError(f"it holds {type(value).__name__}, which is no text")
    return str(value)


def _plain(value: Any) -> Any:
    """The value with lists for tuples. Raises MalformedError for what JSON has no word for."""
    if isinstance(value, list | tuple):
        return [_plain(each) for each in cast("list[Any]", value)]
    if isinstance(value, dict):
        return {_key(key): _plain(each) for key, each in cast("dict[Any, Any]", value).items()}
    if value is None or isinstance(value, str | bool | int | float):
        return value
    raise MalformedError(f"it holds {type(value).__name__}")


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise MalformedError(f"it names something by {type(key).__name__}")
    return key
