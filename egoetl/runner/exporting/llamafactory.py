"""A version for LlamaFactory: ShareGPT with the media that it names, and the dataset_info.json by which LlamaFactory finds it."""

import json
import re
from pathlib import Path
from typing import Any

from egoetl.runner.exporting.address import find_version
from egoetl.runner.exporting.exported import Exported, ExportedFile, not_exported
from egoetl.runner.exporting.folder import output_folder
from egoetl.runner.exporting.media_files import Tell
from egoetl.runner.exporting.version_content import VersionContent
from egoetl.runner.exporting.version_media import Of, Sample, write_version_media
from egoetl.runner.release import with_options
from egoetl.runner.tools import Tools

VIDEO, AUDIO = "<video>", "<audio>"
_PLACEHOLDER = re.compile(r"<(video|audio|image)>")
FORMAT = {
    "formatting": "sharegpt",
    "columns": {"messages": "messages", "videos": "videos", "audios": "audios"},
    "tags": {"role_tag": "role", "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant"},
}


def export_llamafactory(tools: Tools, address: str, out: Path, of: Of, tell: Tell) -> Exported:
    """Write `<dataset>_<split>.json` for each split, `media/` and, last, `dataset_info.json`.

    A question whose media could not be written is left out and reported.

    Raises:
        CallerError: no such version, or the folder cannot be used.
        DataError: the version cannot be read.
        ConfigError: `ffmpeg_missing`.
        TryAgainError: `out_busy`.
    """
    version = find_version(tools, address)
    content = VersionContent(tools, version)
    files: dict[str, int] = {}
    with output_folder(out) as folder:
        media = write_version_media(content, folder, "media", of, tell)
        for split, samples in media.samples.items():
            records = [record for sample in samples for record in _records(sample)]
            name = f"{version.dataset}_{split}"
            folder.write(f"{name}.json", _json(records))
            files[name] = len(records)
        info = {name: {"file_name": f"{name}.json", **FORMAT} for name in files}
        folder.write("dataset_info.json", _json(info))
    written = [ExportedFile(path=f"{name}.json", records=count) for name, count in files.items()]
    return Exported(files=(*written, ExportedFile(path="dataset_info.json", records=None)), failed=not_exported(media.failed))


def _records(sample: Sample) -> list[dict[str, Any]]:
    """A conversation of one turn for each pair: as many placeholders as media, the sound right after its video."""
    media = VIDEO + (AUDIO if sample.media.wav else "")
    return [
        {
            "messages": [
                {"role": "user", "content": media + _plain(with_options(pair["question"], pair["options"]))},
                {"role": "assistant", "content": _plain(pair["answer"])},
            ],
            "videos": [sample.media.mp4],
            "audios": [sample.media.wav] if sample.media.wav else [],
        }
        for pair in sample.pairs
    ]


def _plain(text: str) -> str:
    """Text without anything that would count as a placeholder."""
    return _PLACEHOLDER.sub(r"\1", text)


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()
