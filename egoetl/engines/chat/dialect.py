"""What an endpoint takes of OpenAI's protocol: learned from what it refuses, once for all requests."""

import re
from dataclasses import dataclass, replace
from typing import Literal

_UNKNOWN = re.compile(
    r"unknown|unsupported|not supported|unrecogni[sz]ed|not permitted|cannot find|extra (?:inputs|fields)|no such", re.IGNORECASE
)
_SEED = re.compile(r"""['"`]?\bseed\b['"`]?""")
_SCHEMA = re.compile(
    r"schema|response_?format|\b(?:min|max)_?(?:length|items)\b|\b(?:minimum|maximum|pattern|uniqueItems|multipleOf)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Dialect:
    """Fields of a request as an endpoint wants them.

    `limit` names the most tokens of a reply: every server knows `max_tokens`, those that want the newer name refuse it and say so,
    while an older server would ignore the newer one and write on. Servers that know no `seed` refuse it too; what they say is then
    not repeatable. `bounds`: whether the schema holds the bounds of strings, numbers and lists.
    """

    limit: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    seed: bool = True
    bounds: bool = True

    def after(self, refusal: str) -> "Dialect":
        """The dialect to try next after the endpoint has refused a request in these words; the same one if they teach nothing."""
        if self.limit == "max_tokens" and "max_completion_tokens" in refusal:
            return replace(self, limit="max_completion_tokens")
        if self.seed and _SEED.search(refusal) and _UNKNOWN.search(refusal):
            return replace(self, seed=False)
        if self.bounds and _SCHEMA.search(refusal):
            return replace(self, bounds=False)
        return self

    def differs(self, other: "Dialect") -> str:
        """In words, what `other` leaves out or names otherwise."""
        named = [f"{other.limit} in place of {self.limit}"] if other.limit != self.limit else []
        named += ["no seed, so that its replies are not repeatable"] if other.seed != self.seed else []
        named += ["no bounds in its schemas, which are held afterwards"] if other.bounds != self.bounds else []
        return "; ".join(named)
