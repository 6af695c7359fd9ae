"""Metrics: one file each, pure, the definition's source in the docstring."""
