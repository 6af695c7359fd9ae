"""What a model is asked to answer with."""

from egoetl.qa.presence import PresenceReply


class AvhObjectReply(PresenceReply):
    """Questions on objects that are there, and on objects that are nowhere."""
