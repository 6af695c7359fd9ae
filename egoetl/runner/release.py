"""The files of a dataset version, from its accepted pairs alone: equal pairs give equal bytes."""

import csv
import io
import string
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from egoetl.core.release import AcceptedPair, Provenance
from egoetl.storage.tables import ColumnType, parquet_bytes

COLUMNS: Mapping[str, ColumnType] = {
    "qa_id": "text", "video_id": "text", "video_sha256": "text", "start_ms": "integer", "end_ms": "integer", "question": "text",
    "answer": "text", "category": "text", "variant": "text", "options": "texts", "evidence": "texts",
}  # fmt: skip
CSV_COLUMNS = ("video_id", "start_time", "end_time", "question", "answer", "category")


def release_files(dataset: str, pairs: Sequence[AcceptedPair], provenance: Sequence[Provenance]) -> dict[str, tuple[bytes, int | None]]:
    """Path to (bytes, rows) of every file but the manifest: a Parquet and EgoAVU's CSV per split, and the card."""
    ordered = sorted(pairs, key=lambda each: (each.video_id, each.pair.start_ms, each.pair.end_ms, each.pair.task, each.pair.qa_id))
    files: dict[str, tuple[bytes, int | None]] = {}
    for split in sorted({each.split for each in ordered}):
        chosen = [each for each in ordered if each.split == split]
        files[f"data/{split}.parquet"] = parquet_bytes(COLUMNS, [_row(each) for each in chosen]), len(chosen)
        files[f"csv/{split}.csv"] = _csv_bytes(chosen), len(chosen)
    files["README.md"] = dataset_card(dataset, ordered, provenance).encode(), None
    return files


def pair_counts(pairs: Sequence[AcceptedPair]) -> dict[str, dict[str, int]]:
    """Split to task to number of pairs."""
    counts: dict[str, dict[str, int]] = {}
    for (split, task), count in sorted(Counter((each.split, each.pair.task) for each in pairs).items()):
        counts.setdefault(split, {})[task] = count
    return counts


def _row(each: AcceptedPair) -> dict[str, Any]:
    pair = each.pair
    return {
        "qa_id": pair.qa_id, "video_id": each.video_id, "video_sha256": each.video_sha256, "start_ms": pair.start_ms,
        "end_ms": pair.end_ms, "question": pair.question, "answer": pair.answer, "category": pair.task, "variant": pair.variant,
        "options": list(pair.options), "evidence": list(pair.evidence),
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


def with_options(question: str, options: Sequence[str]) -> str:
    """The question with its options below it, lettered."""
    return "\n".join([question, *(f"{letter}. {option}" for letter, option in zip(string.ascii_uppercase, options, strict=False))])


def dataset_card(dataset: str, pairs: Sequence[AcceptedPair], provenance: Sequence[Provenance]) -> str:
    """The version's README: what is in it, how it was made, and by what."""
    counts = pair_counts(pairs)
    return f"""{_head(counts)}# {dataset}

{len(pairs)} question-answer pairs about {len({each.video_sha256 for each in pairs})} first-person videos with sound, made by egoetl.

{_table(counts)}Times are milliseconds of the source video in `data/` and seconds in `csv/`; windows are half-open.
A video is in one split only: the manifest's, or, where it names none, the one that a hash of the video's id gives.

## How it was made

| stage | version | model | prompts (sha256) | results |
|---|---|---|---|---|
{_makers(provenance)}

`manifest.json` lists every file with its sha256. The source videos are not part of this dataset and keep their own licences.
"""


def _head(counts: Mapping[str, Mapping[str, int]]) -> str:
    """The front matter by which libraries find the splits; none for a version without pairs."""
    splits = "".join(f"  - split: {split}\n    path: data/{split}.parquet\n" for split in counts)
    return f"---\nconfigs:\n- config_name: default\n  data_files:\n{splits}---\n" if counts else ""


def _table(counts: Mapping[str, Mapping[str, int]]) -> str:
    """Pairs by task and split."""
    tasks = sorted({task for by_task in counts.values() for task in by_task})
    lines = [f"| task | {' | '.join(counts)} |", f"|---|{'---|' * len(counts)}"]
    lines += [f"| {task} | {' | '.join(str(counts[split].get(task, 0)) for split in counts)} |" for task in tasks]
    return "\n".join(lines) + "\n\n" if tasks else ""


def _makers(provenance: Sequence[Provenance]) -> str:
    return "\n".join(
        f"| {each.stage} | {each.version} | {', '.join(sorted(set(each.models.values()))) or 'none'} "
        f"| {', '.join(f'{name} `{sha[:12]}`' for name, sha in sorted(each.prompts.items())) or 'none'} | {each.results} |"
        for each in provenance
    )
