"""`--set NAME=VALUE`, as a mapping."""

from collections.abc import Iterable

from egoetl.core.errors import CallerError


def settings_of(texts: Iterable[str] | None) -> dict[str, str]:
    """The settings by name. Raises CallerError `setting_invalid`."""
    pairs: dict[str, str] = {}
    for text in texts or []:
        key, equals, value = text.partition("=")
        if not equals:
            raise CallerError(f"--set {text}: write it as NAME=VALUE.", reason="setting_invalid")
        pairs[key] = value
    return pairs
