"""Decoding and encoding: the only home of PyAV."""
