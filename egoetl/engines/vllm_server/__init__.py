"""Serve a model by a vLLM of our own: start it, know when it is ready or dead, and leave nothing of it behind."""
