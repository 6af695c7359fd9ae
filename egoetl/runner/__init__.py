"""The composition root: binds settings to adapters and runs stages over a shard, a build, or a dataset."""
