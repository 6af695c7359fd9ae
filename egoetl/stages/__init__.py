"""The steps of a build: one file a stage."""
