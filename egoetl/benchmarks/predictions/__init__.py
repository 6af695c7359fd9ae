"""Predictions that others made: a file for each shape that they come in, and what makes answers of them."""
