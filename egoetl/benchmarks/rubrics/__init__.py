"""Rubrics: how judges grade an answer, in words and as a bounded reply."""
