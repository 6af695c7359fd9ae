"""Publish: write the cumulative accepted set of a dataset as a version, its manifest last and create-only."""

from collections import Counter

from egoetl.core.content_key import canonical_json, sha256_of
from egoetl.core.errors import DataError
from egoetl.core.ledger import Build
from egoetl.core.ports import Store
from egoetl.core.release import VersionFile, VersionManifest
from egoetl.qa.curation import left_out
from egoetl.runner.dataset_card import pair_counts
from egoetl.runner.mending import settle_mended
from egoetl.runner.release import release_files
from egoetl.runner.release_content import release_content
from egoetl.runner.tools import Tools


def publish(tools: Tools, build: Build) -> str:
    """Write the dataset's version after this build and note it as a candidate; returns its folder in the store.

    The folder is named by the manifest's content, so that the same accepted set is the same version, and
    publishing again after a crash writes the same files. What the rules over the whole set leave out of it is noted with
    the version, pair by pair. No video is withdrawn meanwhile.
    """
    with tools.reports.publishing():
        settle_mended(tools, build)
        return _publish(tools, build)


def _publish(tools: Tools, build: Build) -> str:
    dataset = build.spec.dataset
    accepted = tools.reports.accepted_pairs(dataset, build.seq)
    recipe = tools.recipe_of(build.spec)
    left = left_out(accepted, question_similarity=recipe.question_similarity, yes_no_surplus=recipe.yes_no_surplus)
    pairs = [each for each in accepted if each.pair.qa_id not in left]
    files = release_files(release_content(tools, build, pairs, Counter(left.values())))
    manifest = VersionManifest(
        dataset=dataset,
        files=tuple(
            VersionFile(path=path, sha256=sha256_of(data), size_bytes=len(data), rows=rows) for path, (data, rows) in sorted(files.items())
        ),
        pairs=pair_counts(pairs),
    )
    text = canonical_json(manifest).encode()
    folder = f"versions/{dataset}/{sha256_of(text)[:16]}"
    for path, (data, _) in sorted(files.items()):
        _create(tools.store, f"{folder}/{path}", data)
    _create(tools.store, f"{folder}/manifest.json", text)
    tools.reports.record_version(
        build.seq,
        dataset=dataset,
        manifest_sha256=sha256_of(text),
        path=folder,
        counts=manifest.pairs,
        qa_ids=[each.pair.qa_id for each in pairs],
        left_out=sorted(left.items()),
    )
    return folder


def _create(store: Store, path: str, data: bytes) -> None:
    if not store.create(path, data) and store.read(path) != data:
        raise DataError(f"{store.url(path)} is there already with other bytes; move it away and publish again.", reason="version_conflict")
