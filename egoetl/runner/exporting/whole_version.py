"""A version as it was published, copied out of the store: Parquet, EgoAVU's files, card and manifest."""

from pathlib import Path

from egoetl.runner.exporting.address import find_version
from egoetl.runner.exporting.exported import Exported, ExportedFile
from egoetl.runner.exporting.folder import output_folder
from egoetl.runner.exporting.version_content import VersionContent
from egoetl.runner.tools import Tools


def export_version(tools: Tools, address: str, out: Path) -> Exported:
    """Copy every file of a version, each checked against the manifest, which comes last.

    Raises:
        CallerError: no such version, or the folder cannot be used.
        DataError: `artifact_missing` or `artifact_corrupt`.
        TryAgainError: `out_busy`.
    """
    content = VersionContent(tools, find_version(tools, address))
    with output_folder(out) as folder:
        for file in content.manifest.files:
            folder.write(file.path, content.read(file))
        folder.write("manifest.json", content.manifest_bytes)
    files = [ExportedFile(path=each.path, records=each.rows) for each in content.manifest.files]
    return Exported(files=(*files, ExportedFile(path="manifest.json", records=None)))
