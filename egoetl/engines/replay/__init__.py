"""Play a recorded build back: what models said, without any model."""
