"""What a model is asked to answer with."""

from egoetl.core.records import Record, Text


class AvsnReply(Record):
    """The narration of the interval, as an answer to its question."""

    answer: Text
