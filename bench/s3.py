#!/usr/bin/env python3
"""Records into an S3 server and back: part files, as a shard commits and reads them, against an object per record.

`python bench/s3.py [--records 20000] [--objects 1000] [--json] [--keep]`. It starts a Ceph of its own on loopback, with its
data on disk below `--folder`, and removes it; Debian's radosgw, ceph-mon, ceph-osd and ceph-common must be installed.
"""

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from ratio_table import Row, client_cpu_seconds, report

from egoetl.core.content_key import canonical_json
from egoetl.core.ports import FirstWrites
from egoetl.core.settings import Settings
from egoetl.runner.committing import LARGEST_BATCH
from egoetl.storage.parts import PartReader, write_part
from egoetl.storage.s3 import S3Store
from egoetl.testing.radosgw import running_radosgw

THREADS = 16
TURNS = 3
FASTER = 20.0
ANCHOR = f"one PUT or GET per record, {THREADS} threads"
VOCABULARY = 5_000


class Took(NamedTuple):
    """What a thousand records took, and how many went through in a second."""

    records_a_second: float
    cpu_a_thousand: float


def measure(arguments: argparse.Namespace) -> list[Row]:
    """Write and read records of about two kilobytes in both ways, turn by turn; the turn with the median ratio counts."""
    with (
        tempfile.TemporaryDirectory(dir=arguments.folder, prefix="egoetl-bench-") as folder,
        running_radosgw(Path(folder) / "ceph", objects="bluestore") as server,
    ):
        os.environ.update(server.environment())
        store = S3Store.open(Settings(store_url=f"s3://{server.make_bucket()}/bench", cache_folder=Path(folder) / "cache"), _no_claims)
        turns = [_turn(store, turn, arguments) for turn in range(TURNS)]
    return [
        _row("records written", [(turn[0], turn[1]) for turn in turns]),
        _row("records read", [(turn[2], turn[3]) for turn in turns]),
        _cpu_row("a thousand records written", [(turn[0], turn[1]) for turn in turns]),
        _cpu_row("a thousand records read", [(turn[2], turn[3]) for turn in turns]),
    ]


def _no_claims() -> FirstWrites:
    raise AssertionError("radosgw has conditional writes")


def _turn(store: S3Store, turn: int, arguments: argparse.Namespace) -> tuple[Took, Took, Took, Took]:
    ours, theirs = _records(turn, arguments.records), _records(-1 - turn, arguments.objects)
    parts: list[str] = []
    names: list[str] = []
    written = _timed(len(ours), lambda: parts.extend(_write_parts(store, ours)))
    objects = _timed(len(theirs), lambda: names.extend(_write_objects(store, theirs)))
    read = _timed(len(ours), lambda: _read_parts(store, parts, ours))
    objects_read = _timed(len(theirs), lambda: _read_objects(store, names, theirs))
    found = zip(("parts written", "objects written", "parts read", "objects read"), (written, objects, read, objects_read), strict=True)
    print(", ".join(f"{what} {took.records_a_second:.0f}/s" for what, took in found), file=sys.stderr, flush=True)
    return written, objects, read, objects_read


def _records(seed: int, number: int) -> list[dict[str, Any]]:
    """Texts of two kilobytes, as captions repeat words, and none like another."""
    draw = random.Random(seed)  # noqa: S311 - a benchmark's data
    words = ["".join(draw.choices("etaoinshrdlu", k=draw.randint(2, 9))) for _ in range(VOCABULARY)]
    return [{"n": index, "seed": seed, "text": " ".join(draw.choices(words, k=310))} for index in range(number)]


def _write_parts(store: S3Store, records: Sequence[dict[str, Any]]) -> list[str]:
    return [write_part(store, "captions", records[at : at + LARGEST_BATCH]).path for at in range(0, len(records), LARGEST_BATCH)]


def _read_parts(store: S3Store, parts: Sequence[str], records: Sequence[dict[str, Any]]) -> None:
    reader = PartReader(store)
    for index, record in enumerate(records):
        assert reader.row(parts[index // LARGEST_BATCH], index % LARGEST_BATCH) == record


def _write_objects(store: S3Store, records: Sequence[dict[str, Any]]) -> list[str]:
    """Without asking first whether an object is there, as our own writes do."""

    def write(record: dict[str, Any]) -> str:
        key = store.bucket.address.key(f"objects/{record['seed']}/{record['n']}.json")
        store.bucket.put(key, canonical_json(record).encode(), media_type="application/json")
        return key

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(write, records))


def _read_objects(store: S3Store, keys: Sequence[str], records: Sequence[dict[str, Any]]) -> None:
    with ThreadPoolExecutor(THREADS) as pool:
        for data, record in zip(pool.map(store.bucket.get, keys), records, strict=True):
            assert json.loads(data) == record


def _timed(number: int, work: Callable[[], None]) -> Took:
    cpu, began = client_cpu_seconds(), time.perf_counter()
    work()
    return Took(number / (time.perf_counter() - began), (client_cpu_seconds() - cpu) / number * 1000)


def _row(name: str, pairs: list[tuple[Took, Took]]) -> Row:
    ours, anchor = _middle(pairs, lambda pair: pair[0].records_a_second / pair[1].records_a_second)
    return Row(name, ours.records_a_second, anchor.records_a_second, "records/s", ANCHOR, FASTER, "at least")


def _cpu_row(name: str, pairs: list[tuple[Took, Took]]) -> Row:
    ours, anchor = _middle(pairs, lambda pair: pair[0].cpu_a_thousand / pair[1].cpu_a_thousand)
    return Row(name, ours.cpu_a_thousand, anchor.cpu_a_thousand, "client CPU s", ANCHOR, 1 / FASTER)


def _middle(pairs: list[tuple[Took, Took]], ratio: Callable[[tuple[Took, Took]], float]) -> tuple[Took, Took]:
    return sorted(pairs, key=ratio)[len(pairs) // 2]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=measure.__doc__)
    parser.add_argument("--records", type=int, default=20_000, help="through part files, in each turn")
    parser.add_argument("--objects", type=int, default=1_000, help="as an object each, in each turn")
    parser.add_argument("--folder", type=Path, default=Path("/var/tmp"), help="where the server keeps its data")  # noqa: S108 - a folder in it
    report("s3", measure, parser)
