"""Source videos: in a folder, or below an S3 prefix with a cache of what was fetched."""
