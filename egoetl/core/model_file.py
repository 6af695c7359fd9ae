"""The file of models: which there are by name, and which of them answers for a role. TOML; one file lies over the built-in one."""

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast
from urllib.parse import urlsplit

import pydantic

from egoetl.core.errors import ConfigError
from egoetl.core.model_address import is_address
from egoetl.core.models import ModelSpec
from egoetl.core.records import Record

BUILT_IN = Path(__file__).with_name("catalogue.toml")
MEASURED = "measured"
"""The answer of a role for which no model is asked."""
_TABLES = {"models", "roles"}
_REVISION = re.compile(r"[A-Za-z0-9._-]+")
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
Reached = Literal["measured", "endpoint", "launched"]


class Choice(NamedTuple):
    """What `--set role.ROLE=VALUE` says: a name, an id or a folder, and the revision that it is pinned to, if it is."""

    model: str
    revision: str

    @classmethod
    def of(cls, text: str) -> "Choice":
        """Split `MODEL@REVISION`; without a revision it is empty."""
        model, at, revision = text.rpartition("@")
        return cls(model, revision) if at and model and _REVISION.fullmatch(revision) else cls(text, "")

    def __str__(self) -> str:
        return f"{self.model}@{self.revision}" if self.revision else self.model


class Catalogue(Record):
    """Models by name, and the default of each role. `files` says where they were read, `own_roles` whether a file besides
    the built-in one names defaults, and `named_roles` of which roles.

    A model whose `revision` is empty is a local checkpoint, known by the digest of its files.
    """

    models: dict[str, ModelSpec]
    roles: dict[str, str]
    files: tuple[str, ...] = ()
    own_roles: bool = False
    named_roles: frozenset[str] = frozenset()

    def default_engine(self, named: str | None) -> str:
        """Who answers where nobody says it: what EGOETL_ENGINE names, else the models of a file that has [roles]."""
        return named or ("models" if self.own_roles else MEASURED)

    def reached(self, value: str) -> Reached:
        """How what a role's value names is reached; whatever is in no catalogue is a server of our own."""
        spec = self.models.get(Choice.of(value).model)
        if value == MEASURED:
            return "measured"
        return "endpoint" if is_address(value) or (spec is not None and spec.launch is None) else "launched"

    def gpus(self, value: str) -> int:
        """How many GPUs the server of what a role's value names takes; 0 where none is started."""
        spec = self.models.get(Choice.of(value).model)
        if self.reached(value) != "launched":
            return 0
        return 1 if spec is None or spec.launch is None else spec.launch.gpus

    def looking(self, processor: str) -> ModelSpec | None:
        """The first model whose pictures go through this processor: how others of its kind are shown a segment too."""
        return next((each for each in self.models.values() if each.look is not None and each.look.processor == processor), None)


def load_catalogue(file: Path | None) -> Catalogue:
    """The built-in models with those of `file` over them. Raises ConfigError that names file, table and key of a mistake."""
    files = (BUILT_IN,) if file is None else (BUILT_IN, file)
    try:
        return _read(*((each, each.stat().st_mtime_ns) for each in files))
    except OSError as error:
        raise ConfigError(
            f"The file of models {file} cannot be read: {error.strerror}; correct EGOETL_MODELS.", reason="model_file_unreadable"
        ) from error


@lru_cache(maxsize=4)
def _read(*files: tuple[Path, int]) -> Catalogue:
    """`files` are paths and times of change, so that a changed file is read anew."""
    tables: dict[str, dict[str, Any]] = {}
    roles: dict[str, str] = {}
    where: dict[str, str] = {}
    named: set[str] = set()
    for file, _ in files:
        content = _parsed(file)
        for name, table in content["models"].items():
            tables[name] = _over(tables.get(name, {}), table)
            where[name] = str(file)
        roles |= content["roles"]
        named |= content["roles"].keys() if file != BUILT_IN else set()
    models = {name: _model(where[name], name, table) for name, table in tables.items()}
    return Catalogue(
        models=models, roles=roles, files=tuple(str(file) for file, _ in files), own_roles=bool(named), named_roles=frozenset(named)
    )


def _parsed(file: Path) -> dict[str, dict[str, Any]]:
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _mistake(str(file), f"it is no TOML: {error}") from error
    if unknown := sorted(content.keys() - _TABLES):
        raise _mistake(str(file), f"there is no table {unknown[0]!r}, there are [models.NAME] and [roles]")
    models, roles = _table(content, "models"), _table(content, "roles")
    if models is None or not all(isinstance(each, dict) for each in models.values()):
        raise _mistake(str(file), "models is not made of tables [models.NAME]")
    if roles is None or not all(isinstance(each, str) for each in roles.values()):
        raise _mistake(str(file), '[roles] is not made of lines such as text = "NAME"')
    return {"models": models, "roles": roles}


def _table(content: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    """A table of the file, empty if it is left out; None if something else stands in its place."""
    table = content.get(name, {})
    return cast("dict[str, Any]", table) if isinstance(table, dict) else None


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Tables are joined key by key; a model that is now reached in one way is no longer reached in the other."""
    merged = dict(below)
    if "endpoint" in above:
        merged.pop("launch", None)
    elif "launch" in above:
        merged.pop("endpoint", None)
        merged.pop("api_key", None)
    for key, value in above.items():
        old = merged.get(key)
        both = isinstance(value, Mapping) and isinstance(old, Mapping)
        merged[key] = _over(cast("Mapping[str, Any]", old), cast("Mapping[str, Any]", value)) if both else value
    return merged


def _model(file: str, name: str, table: Mapping[str, Any]) -> ModelSpec:
    place = f'[models."{name}"]'
    if not _NAME.fullmatch(name):
        raise _mistake(file, f"{place}: a name is made of a-z, 0-9, '.', '_' and '-'")
    try:
        spec = ModelSpec.model_validate({"revision": "", "model": _folder_name(table), **table, "name": name})
    except pydantic.ValidationError as error:
        first = error.errors(include_input=False)[0]
        key = ".".join(str(each) for each in first["loc"])
        said = "there is no such key" if first["type"] == "extra_forbidden" else first["msg"].removeprefix("Value error, ")
        raise _mistake(file, f"{place}: {f'{key}: ' if key else ''}{said}") from error
    if problem := _problem(spec):
        raise _mistake(file, f"{place}: {problem}")
    return spec


def _folder_name(table: Mapping[str, Any]) -> object:
    return Path(str(table.get("checkpoint", ""))).name


def _problem(spec: ModelSpec) -> str:
    """What pydantic does not see. It shows no value of `api_key`, which may be a key by mistake."""
    if not spec.model:
        return "model is missing: an id such as Qwen/Qwen2.5-Omni-7B, or what the endpoint calls it"
    if (spec.endpoint is None) == (spec.launch is None):
        return "give one of endpoint (a URL) and launch (a table)"
    if spec.endpoint is not None:
        return _endpoint_problem(spec, spec.endpoint)
    if spec.api_key is not None:
        return "api_key is for an endpoint; a server of our own has a key of its own"
    if spec.checkpoint is not None and not Path(spec.checkpoint).is_absolute():
        return "checkpoint is not the absolute path of a folder"
    if not spec.revision and spec.checkpoint is None:
        return "revision is missing: the commit of the model hub; only a checkpoint may be known by its files"
    return "" if not spec.revision or _REVISION.fullmatch(spec.revision) else "revision is made of letters, digits, '.', '_' and '-'"


def _endpoint_problem(spec: ModelSpec, endpoint: str) -> str:
    parts = urlsplit(endpoint)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or parts.query or parts.fragment:
        return "endpoint is not like https://host:port/v1; a key belongs into the variable that api_key names"
    if spec.checkpoint is not None:
        return "checkpoint is for a server of our own, not for an endpoint"
    if not _REVISION.fullmatch(spec.revision):
        return "revision is missing: what tells this state of the model from the next, such as the commit that the server loads"
    if spec.api_key is not None and not _VARIABLE.fullmatch(spec.api_key):
        return "api_key is not the name of a variable; the key itself must not stand here"
    return ""


def _mistake(file: str, what: str) -> ConfigError:
    return ConfigError(f"The file of models {file} is not usable: {what}.", reason="model_file_invalid")
