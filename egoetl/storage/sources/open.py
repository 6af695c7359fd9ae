"""From an address to source videos."""

from pathlib import Path

from egoetl.core.settings import Settings
from egoetl.core.sources import SourceRoot
from egoetl.storage.s3_address import S3Address
from egoetl.storage.sources.folder import FolderRoot

SCHEME = "s3://"
GIGABYTE = 1_000_000_000


def is_remote(address: str) -> bool:
    """Whether an address names S3 rather than a folder."""
    return address.startswith(SCHEME)


def open_source(address: str, settings: Settings) -> SourceRoot:
    """The videos below a folder or s3://bucket/prefix. Raises ConfigError for an address that S3 cannot have."""
    if not is_remote(address):
        return FolderRoot(Path(address))
    from egoetl.storage.s3_client import make_client
    from egoetl.storage.sources.bucket import BucketRoot
    from egoetl.storage.sources.cache import VideoCache
    from egoetl.storage.sources.objects import ObjectReader

    at = S3Address.parse(address)
    cache = VideoCache(settings.video_cache or settings.home / "videos", int(settings.video_cache_gigabytes * GIGABYTE))
    return BucketRoot(ObjectReader(make_client(settings, address), at.bucket, settings.patience_seconds), at.base, cache)
