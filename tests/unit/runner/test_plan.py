from egoetl.core.records import ManifestRow
from egoetl.runner.plan import shards_of


def row(number: int, video: str) -> ManifestRow:
    return ManifestRow(row=number, video_id=video, uri=video, split="train", start_ms=number * 1000, end_ms=number * 1000 + 500)


def test_rows_of_one_video_share_a_shard() -> None:
    rows = [row(n, video) for n, video in enumerate("aabacdea")]
    placed = shards_of(rows, 2)
    shards: dict[str, set[int]] = {}
    for each in placed:
        shards.setdefault(each.row.uri, set()).add(each.shard)
    assert all(len(numbers) == 1 for numbers in shards.values())
    assert sorted(each.row.row for each in placed) == list(range(8))


def test_shards_are_filled_and_numbered_without_gaps() -> None:
    placed = shards_of([row(n, str(n)) for n in range(10)], 4)
    assert [sum(each.shard == number for each in placed) for number in range(3)] == [4, 4, 2]


def test_no_rows_make_no_shards() -> None:
    assert shards_of([], 4) == []
