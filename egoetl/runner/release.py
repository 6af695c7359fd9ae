"""The files of a dataset version, from its contents alone: equal contents give equal bytes."""

import csv
import io
import json
import string
from collections.abc import Mapping, Sequence
from typing import Any

from egoetl.core.release import AcceptedPair, NarratedWindow, Release
from egoetl.runner.dataset_card import dataset_card
from egoetl.storage.tables import ColumnType, parquet_bytes

COLUMNS: Mapping[str, ColumnType] = {
    "qa_id": "text", "video_id": "text", "video_sha256": "text", "clip_id": "text", "start_ms": "integer", "end_ms": "integer",
    "question": "text", "answer": "text", "category": "text", "variant": "text", "options": "texts", "evidence": "texts",
}  # fmt: skip
CSV_COLUMNS = ("video_id", "start_time", "end_time", "question", "answer", "category")
BENCH_SPLIT = "test"


def release_files(release: Release) -> dict[str, tuple[bytes, int | None]]:
    """Path to (bytes, rows) of every file but the manifest: a Parquet per split, EgoAVU's three files, and the card.

    A version without pairs is a card alone.
    """
    pairs = sorted(release.pairs, key=lambda each: (each.video_id, each.pair.start_ms, each.pair.end_ms, each.pair.task, each.pair.qa_id))
    files: dict[str, tuple[bytes, int | None]] = {"README.md": (dataset_card(release).encode(), None)}
    for split in sorted({each.split for each in pairs}):
        chosen = [each for each in pairs if each.split == split]
        files[f"data/{split}.parquet"] = parquet_bytes(COLUMNS, [_row(each) for each in chosen]), len(chosen)
    if pairs:
        bench = [each for each in pairs if each.split == BENCH_SPLIT]
        instruct = [each for each in pairs if each.split != BENCH_SPLIT]
        files[f"{release.recipe}_bench_combined.csv"] = _csv_bytes(bench), len(bench)
        files[f"{release.recipe}_instruct.csv"] = _csv_bytes(instruct), len(instruct)
        files[narrations_file(release.recipe)] = _narrations(release.narrations), len(release.narrations)
    return files


def narrations_file(recipe: str) -> str:
    """The path of the narrations within a version."""
    return f"{recipe}_narrations.json"


def with_options(question: str, options: Sequence[str]) -> str:
    """The question with its options below it, lettered."""
    return "\n".join([question, *(f"{letter}. {option}" for letter, option in zip(string.ascii_uppercase, options, strict=False))])


def _row(each: AcceptedPair) -> dict[str, Any]:
    pair = each.pair
    return {
        "qa_id": pair.qa_id, "video_id": each.video_id, "video_sha256": each.video_sha256, "clip_id": each.clip_id,
        "start_ms": pair.start_ms, "end_ms": pair.end_ms, "question": pair.question, "answer": pair.answer, "category": pair.task,
        "variant": pair.variant, "options": list(pair.options), "evidence": list(pair.evidence),
    }  # fmt: skip


def _csv_bytes(pairs: Sequence[AcceptedPair]) -> bytes:
    """EgoAVU's release columns; times in seconds of the source video, options written into the question."""
    out = io.StringIO(newline="")
    # All text is quoted: Pythons differ in whether a carriage return is quoted otherwise.
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(CSV_COLUMNS)
    for each in pairs:
        pair = each.pair
        writer.writerow(
            [each.video_id, pair.start_ms / 1000, pair.end_ms / 1000, with_options(pair.question, pair.options), pair.answer, pair.task]
        )
    return out.getvalue().encode()


def _narrations(narrations: Sequence[NarratedWindow]) -> bytes:
    """One JSON list, an element a line; times in seconds of the source video."""
    ordered = sorted(narrations, key=lambda each: (each.video_id, each.start_ms, each.end_ms, each.narration))
    lines = [
        json.dumps(
            {
                "video_id": each.video_id, "start_time": each.start_ms / 1000, "end_time": each.end_ms / 1000,
                "audio_visual_narration": each.narration,
            },
            ensure_ascii=False,
        )
        for each in ordered
    ]  # fmt: skip
    return ("[\n" + ",\n".join(lines) + "\n]\n" if lines else "[]\n").encode()
