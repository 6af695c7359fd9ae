"""What a build has published on S3."""

import hashlib
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from egoetl.testing.s3_server import S3Server


def published_on_s3(server: S3Server, report: dict[str, Any]) -> dict[str, str]:
    """Every file of the build's version, by path and sha256, as `Installation.published` gives those of a folder."""
    where = urlsplit(str(report["version_path"]))
    prefix, client = where.path.strip("/") + "/", server.client()
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=where.netloc, Prefix=prefix)
    keys = [found["Key"] for page in pages for found in page.get("Contents", [])]
    assert keys, f"{report['version_path']} is empty"
    bodies = {key: client.get_object(Bucket=where.netloc, Key=key)["Body"].read() for key in keys}
    version = PurePosixPath(prefix).name
    return {f"{version}/{key.removeprefix(prefix)}": hashlib.sha256(body).hexdigest() for key, body in bodies.items()}
