"""What an export is made of: a build by its name, or a version as DATASET@NUMBER or DATASET@latest."""

from dataclasses import dataclass
from typing import Any

from egoetl.core.errors import CallerError
from egoetl.core.ledger import Build
from egoetl.runner.tools import Tools

LATEST = "latest"


@dataclass(frozen=True)
class VersionAddress:
    """A dataset's version and its folder in the store."""

    dataset: str
    number: int
    path: str

    @property
    def name(self) -> str:
        """A name for files: `egoavu_3`."""
        return f"{self.dataset}_{self.number}"


def find_target(tools: Tools, address: str) -> Build | VersionAddress:
    """The version that DATASET@NUMBER or DATASET@latest names, or else the build of that name.

    Raises CallerError `version_unknown` or `build_unknown`.
    """
    dataset, at, number = address.rpartition("@")
    versions = tools.reports.versions(dataset) if at else []
    return _version(tools, dataset, number, versions) if versions else tools.ledger.build(address)


def find_version(tools: Tools, address: str) -> VersionAddress:
    """As `find_target`, but a build's name stands for the version that it published. Raises CallerError `build_without_version` too."""
    target = find_target(tools, address)
    if isinstance(target, VersionAddress):
        return target
    published = tools.reports.version_of(target.seq)
    if published is None:
        raise CallerError(
            f"Build {address} has published no version; give one as DATASET@NUMBER, or run the build to its end.",
            reason="build_without_version",
        )
    return VersionAddress(published["dataset"], published["number"], published["path"])


def find_build(tools: Tools, address: str) -> Build:
    """As `find_target`, for builds alone. Raises CallerError `not_a_build`."""
    target = find_target(tools, address)
    if isinstance(target, VersionAddress):
        raise CallerError(f"{address} is a version, and this export is of a build; give the build's name.", reason="not_a_build")
    return target


def _version(tools: Tools, dataset: str, number: str, versions: list[dict[str, Any]]) -> VersionAddress:
    if number == LATEST:
        found = tools.reports.latest_published(dataset)
    else:
        found = next((row for row in versions if str(row["number"]) == number), None)
    if found is None:
        known = ", ".join(str(row["number"]) for row in reversed(versions))
        raise CallerError(f"Dataset {dataset} has no version {number!r}; it has {known}.", reason="version_unknown")
    return VersionAddress(dataset, found["number"], found["path"])
