"""Fakes that pass the same contract suites as the real adapters; only tests import them."""
