"""What a model is asked to answer with."""

from egoetl.qa.presence import PresenceReply


class AvhActionReply(PresenceReply):
    """Questions on actions that happen, and on actions that never do."""
