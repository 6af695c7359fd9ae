"""Which models an endpoint serves, and under which names."""

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import Any, cast

from egoetl.core.errors import ConfigError

_MOST_NAMED = 8
_SNAPSHOT = re.compile(r"-(\d{4}-\d{2}-\d{2}|\d{3,8})")
"""What a vendor puts behind a model's name for its state of a day: `-2024-08-06`, `-20241022`, `-001`."""


@dataclass(frozen=True)
class Served:
    """An endpoint's list of models: id to the names that the model has beside it. Empty: the endpoint has no list."""

    names: Mapping[str, Set[str]] = field(default_factory=dict[str, Set[str]])

    @classmethod
    def of(cls, body: bytes) -> "Served":
        """Read a list of models in OpenAI's shape; whatever else it is counts as none."""
        import orjson

        try:
            found: Any = orjson.loads(body)
        except orjson.JSONDecodeError:
            return cls()
        listed: Any = cast("dict[str, Any]", found).get("data") if isinstance(found, dict) else None
        rows = (
            [cast("dict[str, Any]", each) for each in cast("list[Any]", listed) if isinstance(each, dict)]
            if isinstance(listed, list)
            else []
        )
        return cls({_plain(row["id"]): _aliases(row) for row in rows if isinstance(row.get("id"), str)})

    def require(self, model: str, endpoint: str) -> None:
        """Raises ConfigError `model_unknown` if the endpoint has a list and the model is not on it."""
        asked = _plain(model)
        if not self.names or any(asked == name or asked in aliases for name, aliases in self.names.items()):
            return
        raise unknown_model(model, endpoint, self)

    def is_same(self, asked: str, answered: str) -> bool:
        """Whether an answer in the name of `answered` comes from the model that was asked: its id, an alias, a snapshot of it."""
        asked, answered = _plain(asked), _plain(answered)
        if asked == answered or _SNAPSHOT.fullmatch(answered.removeprefix(asked)):
            return True
        known = next(({name, *aliases} for name, aliases in self.names.items() if asked == name or asked in aliases), set[str]())
        return answered in known


def unknown_model(model: str, endpoint: str, served: Served) -> ConfigError:
    """What is said of a model that an endpoint does not serve."""
    names = sorted(served.names)
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    has = f" It serves {', '.join(names[:_MOST_NAMED])}{more}." if names else ""
    return ConfigError(f"{endpoint} serves no model {model!r}; correct the model's id in the file of models.{has}", reason="model_unknown")


def _plain(name: str) -> str:
    """Gemini's list writes `models/` before what it answers to."""
    return name.removeprefix("models/")


def _aliases(row: dict[str, Any]) -> Set[str]:
    """vLLM's `root` is the model that a served name stands for; some routers list `aliases`."""
    several = row.get("aliases")
    found = [row.get("root"), *(cast("list[Any]", several) if isinstance(several, list) else [])]
    return frozenset(_plain(each) for each in found if isinstance(each, str))
