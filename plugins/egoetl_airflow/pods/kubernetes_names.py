"""The forms that Kubernetes wants names, labels and paths in. A schema knows them as plain strings."""

import re
from typing import Annotated

from pydantic import AfterValidator

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_QUALIFIED = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SECRET_KEY = re.compile(r"[-._A-Za-z0-9]+")


def _dns_label(name: str) -> str:
    if not _LABEL.fullmatch(name) or len(name) > 63:
        raise ValueError(f"{name!r} is no name for Kubernetes; use at most 63 of a-z, 0-9 and -, with a letter or digit at both ends")
    return name


def _object_name(name: str) -> str:
    if len(name) > 253 or not all(_LABEL.fullmatch(part) for part in name.split(".")):
        raise ValueError(f"{name!r} is no name of a Kubernetes object; use a-z, 0-9, - and ., with a letter or digit at both ends")
    return name


def _label_key(key: str) -> str:
    prefix, slash, name = key.rpartition("/")
    if slash:
        _object_name(prefix)
    if len(name) > 63 or not _QUALIFIED.fullmatch(name):
        raise ValueError(f"{key!r} is no key of a label; use at most 63 of A-Z, a-z, 0-9, -, _ and ., after a prefix and / if need be")
    return key


def _label_value(value: str) -> str:
    if value and (len(value) > 63 or not _QUALIFIED.fullmatch(value)):
        raise ValueError(f"{value!r} is no value of a label; use at most 63 of A-Z, a-z, 0-9, -, _ and .")
    return value


def _variable(name: str) -> str:
    if not _VARIABLE.fullmatch(name):
        raise ValueError(f"{name!r} is no name of an environment variable")
    return name


def _secret_key(key: str) -> str:
    if not _SECRET_KEY.fullmatch(key):
        raise ValueError(f"{key!r} is no key of a secret; use letters, digits, -, _ and .")
    return key


def _absolute_path(path: str) -> str:
    if not path.startswith("/") or ":" in path or ".." in path.split("/") or path.strip("/") == "":
        raise ValueError(f"{path!r} is no path to mount; it must begin with /, name a folder, and have no .. and no : in it")
    return path


DnsLabel = Annotated[str, AfterValidator(_dns_label)]
ObjectName = Annotated[str, AfterValidator(_object_name)]
LabelKey = Annotated[str, AfterValidator(_label_key)]
LabelValue = Annotated[str, AfterValidator(_label_value)]
Variable = Annotated[str, AfterValidator(_variable)]
SecretKey = Annotated[str, AfterValidator(_secret_key)]
AbsolutePath = Annotated[str, AfterValidator(_absolute_path)]
