"""Label and field selectors, in the grammar of Kubernetes."""

import re
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

from kubernetes_api.refusals import Json, RefusedError

Matching = Callable[[Json], bool]
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9_./-]*[A-Za-z0-9])?"
_SET = re.compile(rf"({_LABEL})\s+(in|notin)\s*\(([^()]*)\)")
_EQUAL = re.compile(rf"({_LABEL})\s*(==|=|!=)\s*({_LABEL}|)")
_EXISTS = re.compile(rf"(!?)\s*({_LABEL})")


def is_asked(query: Mapping[str, str], name: str) -> bool:
    """Whether a request says yes to something, such as `watch` or `follow`."""
    return query.get(name) in ("true", "True", "1")


def by_labels(selector: str) -> Matching:
    """The objects whose labels a selector such as `app=x,stage in (a, b),!done` names. Raises RefusedError for another grammar."""
    requirements = [_requirement(part.strip()) for part in re.split(r",(?![^(]*\))", selector) if part.strip()]
    return lambda found: all(met(found["metadata"].get("labels") or {}) for met in requirements)


def by_fields(selector: str) -> Matching:
    """The objects whose fields a selector such as `involvedObject.name=x,status.phase!=Running` names."""
    parts = [re.fullmatch(r"([^=!]+)(==|=|!=)(.*)", part) for part in selector.split(",") if part]
    if not all(parts):
        raise RefusedError(400, f"unable to parse field selector {selector!r}")
    wanted = [part.groups() for part in parts if part]
    return lambda found: all((_field(found, path) == value) == (sign != "!=") for path, sign, value in wanted)


def _requirement(part: str) -> Callable[[Mapping[str, str]], bool]:
    if asked := _SET.fullmatch(part):
        values = {value.strip() for value in asked[3].split(",")}
        return lambda labels: (labels.get(asked[1]) in values) == (asked[2] == "in")
    if asked := _EQUAL.fullmatch(part):
        return lambda labels: (labels.get(asked[1]) == asked[3]) == (asked[2] != "!=")
    if asked := _EXISTS.fullmatch(part):
        return lambda labels: (asked[2] in labels) == (asked[1] == "")
    raise RefusedError(400, f"unable to parse requirement: {part!r}")


def _field(found: Json, path: str) -> Any:
    return reduce(lambda inner, name: inner.get(name, "") if isinstance(inner, dict) else "", path.split("."), found)
