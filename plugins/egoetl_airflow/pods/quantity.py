"""Kubernetes quantities such as `500m`, `16Gi` and `2`: read exactly, so that two of them can be compared."""

import re
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

_UNITS = {"": Decimal(1), "m": Decimal(1) / 1000}
_UNITS |= {unit: Decimal(1000) ** power for power, unit in enumerate("kMGTPE", start=1)}
_UNITS |= {f"{unit}i": Decimal(1024) ** power for power, unit in enumerate("KMGTPE", start=1)}
_QUANTITY = re.compile(rf"(\d+(?:\.\d+)?)({'|'.join(_UNITS)})")


def amount(quantity: str) -> Decimal:
    """Its value in cores or bytes. Raises ValueError."""
    match = _QUANTITY.fullmatch(quantity)
    if match is None:
        raise ValueError(f"{quantity!r} is no quantity; write a number with its unit right after it, such as 500m or 16Gi")
    return Decimal(match[1]) * _UNITS[match[2]]


def _cores(quantity: str) -> str:
    if amount(quantity) <= 0:
        raise ValueError(f"{quantity!r} is no amount of cores; it must be more than 0")
    return quantity


def _bytes(quantity: str) -> str:
    if amount(quantity) < 1024**2:
        raise ValueError(f"{quantity!r} is less than a mebibyte; is its unit missing, as in {quantity}Gi?")
    return quantity


def _text(value: object) -> object:
    """YAML reads `cpu: 2` as a number."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


Cores = Annotated[str, BeforeValidator(_text), AfterValidator(_cores)]
Bytes = Annotated[str, BeforeValidator(_text), AfterValidator(_bytes)]
