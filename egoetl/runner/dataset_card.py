"""A version's README: what is in it, how it was made, by what, what was left out, and whose licences hold."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from egoetl.core.release import AcceptedPair, Provenance, Release

_BEYOND_SPLIT_NAME = re.compile(r"[^\w.]")
"""What the library `datasets` does not take in the name of a split."""


def dataset_card(release: Release) -> str:
    """The card in Markdown; its front matter tells the library `datasets` where the splits are."""
    counts = pair_counts(release.pairs)
    videos = len({each.video_sha256 for each in release.pairs})
    return f"""{_head(counts)}# {release.dataset}

{len(release.pairs)} question-answer pairs about {videos} first-person videos with sound, made by egoetl.

{_pairs(counts)}{_files(release, counts)}## Splits

A video is in one split only: the manifest's, or, where it names none, the one that a hash of the video's id gives
(`test` for {release.test_percent} of 100 ids).

## How it was made

| stage | version | engine and model | prompts (sha256) | results |
|---|---|---|---|---|
{_makers(release.provenance)}

{_engines(release.provenance)}{_drops(release)}## Licences

Source videos: {_line(release.source_licences) or "not stated"}. They are not part of this dataset and keep their own licences.

`manifest.json` lists every file with its sha256.
"""


def pair_counts(pairs: Sequence[AcceptedPair]) -> dict[str, dict[str, int]]:
    """Split to task to number of pairs."""
    counts: dict[str, dict[str, int]] = {}
    for (split, task), count in sorted(Counter((each.split, each.pair.task) for each in pairs).items()):
        counts.setdefault(split, {})[task] = count
    return counts


def _head(counts: Mapping[str, Mapping[str, int]]) -> str:
    """The front matter by which libraries find the splits; none for a version without pairs."""
    splits = "".join(f"  - split: {_BEYOND_SPLIT_NAME.sub('_', split)}\n    path: data/{split}.parquet\n" for split in counts)
    return f"---\nconfigs:\n- config_name: default\n  data_files:\n{splits}---\n" if counts else ""


def _pairs(counts: Mapping[str, Mapping[str, int]]) -> str:
    """Pairs by task and split."""
    tasks = sorted({task for by_task in counts.values() for task in by_task})
    lines = [f"| task | {' | '.join(counts)} |", f"|---|{'---|' * len(counts)}"]
    lines += [f"| {task} | {' | '.join(str(counts[split].get(task, 0)) for split in counts)} |" for task in tasks]
    return "\n".join(lines) + "\n\n" if tasks else ""


def _files(release: Release, counts: Mapping[str, object]) -> str:
    if not counts:
        return ""
    name = release.recipe
    return f"""## Files

| file | what it holds |
|---|---|
| `data/<split>.parquet` | every pair with ids, options and evidence; times in milliseconds of the source video |
| `{name}_instruct.csv` | the pairs of all splits but `test`, in EgoAVU's columns; times in seconds of the source video |
| `{name}_bench_combined.csv` | the pairs of `test`, likewise |
| `{name}_narrations.json` | the audio-visual narration of each segment of the videos' clips |

Windows are half-open: the end is no longer part of them.

"""


def _makers(provenance: Sequence[Provenance]) -> str:
    return "\n".join(
        f"| {each.stage} | {each.version} | {', '.join(sorted(set(each.models.values()))) or 'none'} "
        f"| {', '.join(f'{name} `{sha[:12]}`' for name, sha in sorted(each.prompts.items())) or 'none'} | {each.results} |"
        for each in provenance
    )


def _engines(provenance: Sequence[Provenance]) -> str:
    models = sorted({model for each in provenance for model in each.models.values()})
    return f"Answered by: {', '.join(models)}.\n\n" if models else ""


def _drops(release: Release) -> str:
    """What filters and rules left out; nothing for a version from which nothing was."""
    lines = [f"| {each.stage} | {each.reason} | {each.units} |" for each in release.drops]
    lines += [f"| publish | {reason} | {pairs} |" for reason, pairs in sorted(release.left_out)]
    return "\n".join(["## Left out", "", "| stage | reason | clips, segments or pairs |", "|---|---|---|", *lines, "", ""]) if lines else ""


def _line(words: str) -> str:
    """A person's words on one line, without a full stop of their own."""
    return " ".join(words.split()).rstrip(".")
