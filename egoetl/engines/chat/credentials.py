"""The key of an endpoint: read where it is used, shown nowhere."""

import json
import os
from pathlib import Path
from urllib.parse import quote

from egoetl.core.errors import ConfigError
from egoetl.core.settings import SECRETS_VARIABLE

_HIDDEN = "[key]"


class Credentials:
    """An endpoint's key, or none, and how it is taken out of whatever a server says."""

    __slots__ = ("_forms", "_key")

    def __init__(self, key: str | None) -> None:
        self._key = key
        forms = {key, quote(key, safe=""), json.dumps(key)[1:-1]} if key else set[str]()
        self._forms = tuple(sorted(forms, key=len, reverse=True))

    def __repr__(self) -> str:
        return f"Credentials({'hidden' if self._key else None})"

    @classmethod
    def of(cls, name: str | None) -> "Credentials":
        """The key that a variable of this name, or else a file in the folder of secrets, holds.

        Raises ConfigError `api_key_missing`, `api_key_invalid`.
        """
        if name is None:
            return cls(None)
        key = (os.environ.get(name) or _from_folder(name)).strip()
        if not key:
            raise ConfigError(
                f"{name} holds no API key; set the variable, or put a file of that name into the folder that {SECRETS_VARIABLE} names.",
                reason="api_key_missing",
            )
        if not (key.isascii() and key.isprintable()):
            raise ConfigError(f"{name} holds characters that no API key has; write the key alone.", reason="api_key_invalid")
        return cls(key)

    @property
    def headers(self) -> dict[str, str]:
        """The header that goes with every request. It is a secret."""
        return {"Authorization": f"Bearer {self._key}"} if self._key else {}

    def scrub(self, said: str) -> str:
        """What somebody else has said, without the key."""
        for form in self._forms:
            said = said.replace(form, _HIDDEN)
        return said

    def scrub_bytes(self, said: bytes) -> bytes:
        """The same for bytes."""
        for form in self._forms:
            said = said.replace(form.encode(), _HIDDEN.encode())
        return said


def _from_folder(name: str) -> str:
    folder = os.environ.get(SECRETS_VARIABLE)
    for each in (name, name.lower()) if folder and Path(name).name == name else ():
        try:
            return Path(str(folder), each).read_text(encoding="utf-8")
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"The secret {name} cannot be read ({type(error).__name__}).", reason="api_key_invalid") from None
    return ""
