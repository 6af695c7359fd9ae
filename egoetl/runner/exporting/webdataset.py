"""A version as WebDataset shards: a sample is a window of a video with its sound and all pairs about it."""

import io
import json
import shutil
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pydantic

from egoetl.core.content_key import sha256_of
from egoetl.core.records import Record, Sha256
from egoetl.runner.exporting.address import VersionAddress, find_version
from egoetl.runner.exporting.exported import Exported, ExportedFile, not_exported
from egoetl.runner.exporting.folder import OutputFolder, output_folder
from egoetl.runner.exporting.media_files import Tell
from egoetl.runner.exporting.version_content import VersionContent
from egoetl.runner.exporting.version_media import Of, Sample, VersionMedia, write_version_media
from egoetl.runner.tools import Tools

MEDIA = ".media"
"""Where media lie until all shards are written: an interrupted export goes on with them."""
INDEX = "index.json"
MILLISECONDS = 1000
MEBIBYTE = 1 << 20


class Shard(Record):
    """A shard as it was written."""

    name: str
    samples: int
    size_bytes: int


class Index(Record):
    """`index.json`: what the shards were made for, and which there are."""

    key: Sha256
    shards: tuple[Shard, ...]


def export_webdataset(tools: Tools, address: str, out: Path, of: Of, shard_mebibytes: int, tell: Tell) -> Exported:
    """Write `<dataset>-<split>-<number>.tar`, each of about `shard_mebibytes`, and last `index.json`; equal contents give equal bytes.

    A sample's files are `<key>.mp4`, `<key>.wav` where there is sound, and `<key>.json`. A window that could not be written
    is left out and reported. Shards that are there already for the same contents are kept.

    Raises:
        CallerError: no such version, or the folder cannot be used.
        DataError: the version cannot be read.
        ConfigError: `ffmpeg_missing`.
        TryAgainError: `out_busy`.
    """
    version = find_version(tools, address)
    content = VersionContent(tools, version)
    key = _key(content, of, shard_mebibytes)
    with output_folder(out) as folder:
        old = _index(folder)
        if old is not None and old.key == key and _whole(folder, old):
            return Exported(files=_listed(old))
        media = write_version_media(content, folder, MEDIA, of, tell)
        index = Index(key=key, shards=tuple(_write_shards(folder, version, media, shard_mebibytes * MEBIBYTE)))
        _remove_others(folder, old, index)
        if media.failed:
            # Without an index the next call tries again what failed.
            folder.path(INDEX).unlink(missing_ok=True)
        else:
            folder.write(INDEX, (index.model_dump_json(indent=1) + "\n").encode())
            shutil.rmtree(folder.path(MEDIA), ignore_errors=True)
    return Exported(files=_listed(index), failed=not_exported(media.failed))


def _key(content: VersionContent, of: Of, shard_mebibytes: int) -> str:
    """What the shards' bytes depend on."""
    from egoetl.media.materialise import window_key

    return sha256_of({"version": sha256_of(content.manifest_bytes), "of": of, "size": shard_mebibytes, "encoding": window_key("", 0, 0)})


def _index(folder: OutputFolder) -> Index | None:
    try:
        return Index.model_validate_json(folder.path(INDEX).read_bytes())
    except (FileNotFoundError, pydantic.ValidationError):
        return None


def _whole(folder: OutputFolder, index: Index) -> bool:
    files = [(folder.path(each.name), each.size_bytes) for each in index.shards]
    return all(file.is_file() and file.stat().st_size == size for file, size in files)


def _listed(index: Index) -> tuple[ExportedFile, ...]:
    return (
        *(ExportedFile(path=each.name, records=each.samples) for each in index.shards),
        ExportedFile(path=INDEX, records=None),
    )


def _remove_others(folder: OutputFolder, old: Index | None, new: Index) -> None:
    """Shards of another version or size must not be read along."""
    for name in {each.name for each in old.shards} - {each.name for each in new.shards} if old else ():
        folder.path(name).unlink(missing_ok=True)


def _write_shards(folder: OutputFolder, version: VersionAddress, media: VersionMedia, most_bytes: int) -> Iterator[Shard]:
    for split, samples in media.samples.items():
        for number, chosen in enumerate(shards_of(folder, samples, most_bytes)):
            name = f"{version.dataset}-{split}-{number:06d}.tar"
            unfinished = folder.scratch / name
            with tarfile.open(unfinished, "w", format=tarfile.USTAR_FORMAT) as tar:
                for sample in chosen:
                    _add(tar, folder, sample)
            size = unfinished.stat().st_size
            folder.appear(unfinished, name)
            yield Shard(name=name, samples=len(chosen), size_bytes=size)


def shards_of(folder: OutputFolder, samples: Sequence[Sample], most_bytes: int) -> Iterator[list[Sample]]:
    """Samples in order, as many to a shard as fit; one that is larger than a shard has its own."""
    chosen: list[Sample] = []
    size = 0
    for sample in samples:
        own = sum(folder.path(name).stat().st_size for name in _media(sample).values())
        if chosen and size + own > most_bytes:
            yield chosen
            chosen, size = [], 0
        chosen.append(sample)
        size += own
    if chosen:
        yield chosen


def _media(sample: Sample) -> dict[str, str]:
    """Suffix to file."""
    sound = {".wav": sample.media.wav} if sample.media.wav else {}
    return {".mp4": sample.media.mp4, **sound}


def _add(tar: tarfile.TarFile, folder: OutputFolder, sample: Sample) -> None:
    for suffix, name in _media(sample).items():
        file = folder.path(name)
        with file.open("rb") as stream:
            tar.addfile(_header(sample.key + suffix, file.stat().st_size), stream)
    text = (json.dumps(_described(sample), ensure_ascii=False) + "\n").encode()
    tar.addfile(_header(f"{sample.key}.json", len(text)), io.BytesIO(text))


def _header(name: str, size: int) -> tarfile.TarInfo:
    """A header without a clock or a person in it."""
    header = tarfile.TarInfo(name)
    header.size = size
    header.mode = 0o644
    return header


def _described(sample: Sample) -> dict[str, Any]:
    first, wanted = sample.pairs[0], sample.wanted
    return {
        "video_id": first["video_id"],
        "video_sha256": first["video_sha256"],
        "split": first["split"],
        "start_time": wanted.start_ms / MILLISECONDS,
        "end_time": wanted.end_ms / MILLISECONDS,
        "pairs": [_pair(each) for each in sample.pairs],
    }


def _pair(row: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: row[name] for name in ("qa_id", "question", "answer", "category", "variant", "options", "evidence")}
    return {**kept, "start_time": row["start_ms"] / MILLISECONDS, "end_time": row["end_ms"] / MILLISECONDS}
