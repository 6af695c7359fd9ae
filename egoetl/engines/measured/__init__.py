"""The embedded default engine: it says only what it measured on pixels and samples, and reads no truth file."""
