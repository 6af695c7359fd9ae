"""METEOR's own tables, read from where the package pycocoevalcap has put them: egoetl ships none of them (their licence is the LGPL)."""

import zipfile
from importlib.util import find_spec
from pathlib import Path

from egoetl.core.errors import ConfigError
from egoetl.metrics.meteor.normalise import Follower

REMEDY = "install it with `pip install 'egoetl[evaluation]'`, or pycocoevalcap 1.2 from PyPI"


def tables_folder() -> Path:
    """The folder of the package that has `meteor-1.5.jar` and `data/paraphrase-en.gz`; a ConfigError where it is not installed."""
    found = find_spec("pycocoevalcap")
    if found is None or not found.submodule_search_locations:
        raise ConfigError(f"METEOR 1.5 needs the tables of the package pycocoevalcap, which is missing: {REMEDY}.", reason="meteor_missing")
    return Path(found.submodule_search_locations[0]) / "meteor"


def paraphrase_file() -> Path:
    """The compressed table of paraphrases; a ConfigError where the package came without it."""
    return _existing(tables_folder() / "data" / "paraphrase-en.gz")


def jar_text(name: str) -> str:
    """A text file of the jar, which is a zip; a ConfigError where the jar or the file is missing or broken."""
    jar = _existing(tables_folder() / "meteor-1.5.jar")
    try:
        with zipfile.ZipFile(jar) as archive:
            return archive.read(name).decode()
    except (zipfile.BadZipFile, KeyError, UnicodeDecodeError) as error:
        raise ConfigError(f"METEOR 1.5 cannot read {name} in {jar}: {error}; {REMEDY}.", reason="meteor_broken") from error


def function_words() -> frozenset[str]:
    """The words that count a quarter."""
    return frozenset(jar_text("function/english.words").splitlines())


def abbreviations() -> dict[str, Follower]:
    """Abbreviations whose full stop does not end a sentence, and what must follow for that."""
    made: dict[str, Follower] = {}
    for line in jar_text("nonbreaking/english.prefixes").splitlines():
        fields = line.split()
        if fields and not fields[0].startswith("#"):
            made[fields[0]] = "number" if fields[1:2] == ["#NUMERIC_ONLY#"] else "anything"
    return made


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise ConfigError(f"METEOR 1.5 needs {path}, which is missing: {REMEDY}.", reason="meteor_missing")
    return path
