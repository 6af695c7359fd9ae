"""docker-compose.yml as tests read it: anchors resolved, variables left as they stand."""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docker-compose.yml"
VARIABLE = re.compile(r"(?<!\$)\$\{(?P<name>[A-Z_]+)(?P<kind>:-|:\?)?(?P<rest>[^}]*)\}")


@lru_cache
def compose() -> dict[str, Any]:
    """The whole file."""
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


def services() -> dict[str, dict[str, Any]]:
    """Services by name."""
    return compose()["services"]


def variables() -> dict[str, bool]:
    """Every variable that the file takes from .env, and whether it must be there."""
    text = "\n".join(line for line in FILE.read_text(encoding="utf-8").splitlines() if not line.lstrip().startswith("#"))
    found: dict[str, bool] = {}
    for each in VARIABLE.finditer(text):
        found[each["name"]] = found.get(each["name"], False) or each["kind"] == ":?"
    return found
