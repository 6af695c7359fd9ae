"""Read `--only KEY=VALUE` into a selection."""

from datetime import datetime
from typing import Any

from pydantic import ValidationError

from egoetl.core.backfill import Selection
from egoetl.core.errors import CallerError

KEYS = ("build", "nights", "stage", "error_class", "reason", "drop_reason", "prompt", "model", "since")


def selection_of(only: list[str], limit: int | None) -> Selection:
    """The selection. Raises CallerError `selection_invalid`."""
    asked: dict[str, Any] = {"limit": limit}
    for text in only:
        key, _, value = text.partition("=")
        if key not in KEYS or not value:
            raise _invalid(text, f"write it as KEY=VALUE, with a key of {', '.join(KEYS)}")
        if key == "stage":
            asked["stages"] = (*asked.get("stages", ()), value)
        elif key in asked:
            raise _invalid(text, f"{key} is given twice")
        else:
            asked[key] = _days(text, value) if key == "nights" else _since(text, value) if key == "since" else value
    try:
        return Selection.model_validate(asked)
    except ValidationError as error:
        first = error.errors()[0]
        raise _invalid(" ".join(str(each) for each in first["loc"]) or "KEY=VALUE", first["msg"].removeprefix("Value error, ")) from error


def _days(text: str, value: str) -> tuple[str, str]:
    first, _, last = value.partition("..")
    try:
        return datetime.fromisoformat(first).date().isoformat(), datetime.fromisoformat(last or first).date().isoformat()
    except ValueError as error:
        raise _invalid(text, "write a day as 2026-01-18, or the first and the last as 2026-01-18..2026-01-20") from error


def _since(text: str, value: str) -> datetime:
    try:
        return datetime.fromisoformat(value)
    except ValueError as error:
        raise _invalid(text, "write a day or a time as 2026-01-18 or 2026-01-18T06:30:00+00:00") from error


def _invalid(what: str, remedy: str) -> CallerError:
    return CallerError(f"--only {what}: {remedy}.", reason="selection_invalid")
