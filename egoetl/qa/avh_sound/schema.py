"""What a model is asked to answer with."""

from egoetl.qa.presence import PresenceReply


class AvhSoundReply(PresenceReply):
    """Questions on sounds that are there, and on sounds that are nowhere."""
