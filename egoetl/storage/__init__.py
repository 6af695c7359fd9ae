"""Immutable bytes by path: a local folder, or a prefix of an S3 bucket, behind the same port."""
