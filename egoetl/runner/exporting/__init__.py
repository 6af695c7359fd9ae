"""Exports: what builds made and versions hold, as files that others read."""
