"""Records are read when an item is made of them, and those that units share are read once."""

import pytest

from egoetl.core.items import CaptionedSegment, NarratedClip, NarratedSegment
from egoetl.core.ledger import Pointer, StoredResult
from egoetl.core.records import Captions, Record, SampledClip
from egoetl.runner.inputs import Ready
from egoetl.runner.loading import Gathered, ItemLoader, Stored
from egoetl.testing.samples import a_kitchen_clip

KITCHEN = a_kitchen_clip()


class Shelves:
    """Results by key, and what was read of them."""

    def __init__(self, **records: Record) -> None:
        self.records = records
        self.reads: list[str] = []
        results = {key: StoredResult(key=key, pointer=Pointer(part=key, row=0)) for key in records}
        self.loader = ItemLoader(results, self.read)

    def read(self, pointer: Pointer, kind: type[Record]) -> Record:
        self.reads.append(pointer.part)
        assert isinstance(self.records[pointer.part], kind)
        return self.records[pointer.part]


@pytest.fixture
def shelves() -> Shelves:
    first, second, _ = KITCHEN.segments
    return Shelves(sampled=first.sampled, first=first.captions, second=second.captions)


def captioned(index: int, key: str):
    segment = KITCHEN.segments[index]
    return {"clip": KITCHEN.clip, "segment": segment.segment, "sampled": Stored("sampled", SampledClip), "captions": Stored(key, Captions)}


def test_an_item_is_what_its_fields_say_and_shared_records_are_read_once(shelves: Shelves) -> None:
    items = [shelves.loader.item(CaptionedSegment, captioned(index, key)) for index, key in enumerate(("first", "second"))]
    assert [each.captions for each in items] == [each.captions for each in KITCHEN.segments[:2]]
    assert items[0].sampled is items[1].sampled
    assert sorted(shelves.reads) == ["first", "sampled", "second"]


def test_what_a_clip_gathers_is_made_once_for_all_its_units(shelves: Shelves) -> None:
    gathered = Gathered(CaptionedSegment, (captioned(0, "first"), captioned(1, "second")))
    fields = {"clip": KITCHEN.clip, "segments": gathered}
    one, other = shelves.loader.item(NarratedClip, fields), shelves.loader.item(NarratedClip, fields)
    assert one.segments is other.segments
    assert [each.segment for each in one.segments] == [each.segment for each in KITCHEN.segments[:2]]


def test_nothing_is_read_to_know_the_keys_of_a_unit(shelf) -> None:
    inputs = shelf.inputs("qa_avh_sound")
    read: list[type[Record]] = []
    found = inputs.read

    def watched(pointer: Pointer, kind: type[Record]) -> Record:
        read.append(kind)
        return found(pointer, kind)

    inputs.read = watched
    (ready,) = [each for each in inputs.joined() if isinstance(each, Ready)]
    assert ready.inputs
    assert Captions not in read
    assert all(isinstance(each, NarratedSegment) for each in ready.item.segments)
    assert Captions in read
