"""Labels of a build's shards, as Airflow's grid shows them."""

from typing import Any

from egoetl.core.ledger import Build, Ledger


def shard_labels(ledger: Ledger, build: Build) -> list[dict[str, Any]]:
    """Each shard's number and a label such as `shard 003 (4 clips)`."""
    labels: list[dict[str, Any]] = []
    for shard in build.shards:
        clips = len(ledger.rows(build.seq, shard))
        labels.append({"shard": shard, "label": f"shard {shard:03d} ({clips} {'clip' if clips == 1 else 'clips'})"})
    return labels
