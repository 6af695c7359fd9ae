"""tr_event_ordering: which of four events happened first, or last. Multiple choice."""
