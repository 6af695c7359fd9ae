"""What tests need and `.venv` does not bring, programs and vLLM: a test that needs one says so, and is left out where it is missing."""

import os
import re
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import pytest
from inference import environment

REQUIRED_VARIABLE = "EGOETL_TESTS_LEAVE_NOTHING_OUT"
"""Where this is 1, as in CI, a missing program fails its tests instead of leaving them out."""


class SystemPackage(NamedTuple):
    """The program that is looked for, and the Debian packages that bring it."""

    program: str
    debian: str
    version: str = ""
    """What `PROGRAM version` must say somewhere, as a regular expression."""

    def is_there(self) -> bool:
        """Whether the program, or a file where this is a path, is installed, and of a version that will do."""
        if Path(self.program).is_absolute():
            return Path(self.program).exists()
        if not shutil.which(self.program):
            return False
        return not self.version or re.search(self.version, _said(self.program)) is not None


SYSTEM_PACKAGES = {
    "chromium": SystemPackage("chromium", "chromium"),
    "docker-compose": SystemPackage("docker-compose", "docker-compose, release 2 or later", r"version v?([2-9]|[1-9]\d)\."),
    "faketime": SystemPackage("faketime", "faketime"),
    "java": SystemPackage("java", "default-jre-headless"),
    "radosgw": SystemPackage("radosgw", "radosgw ceph-mon ceph-osd ceph-common"),
    "wordnet": SystemPackage("/usr/share/wordnet/index.sense", "wordnet-base wordnet-sense-index"),
}


def left_out(name: str) -> str | None:
    """Why tests that need this package, or `models`, cannot run here; None if they can."""
    if name == "models":
        return environment.left_out()
    package = SYSTEM_PACKAGES[name]
    if package.is_there():
        return None
    return f"left out: {package.program} is not installed (Debian: apt-get install {package.debian})"


@lru_cache
def _said(program: str) -> str:
    return subprocess.run([program, "version"], capture_output=True, text=True, check=False).stdout


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs such a program starts servers with it, so `make check` leaves it out."""
    for item in items:
        if item.get_closest_marker("needs"):
            item.add_marker("slow")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave out a test marked `needs("radosgw")` where that is missing."""
    for marker in item.iter_markers("needs"):
        for name in marker.args:
            require(name)


def require(name: str) -> None:
    """Leave out the test that is being set up where this is missing, or fail it where nothing may be left out."""
    if (reason := left_out(name)) is None:
        return
    if os.environ.get(REQUIRED_VARIABLE) == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
