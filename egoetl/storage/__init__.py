"""Immutable bytes by path: a local folder now, S3 behind the same port later."""
