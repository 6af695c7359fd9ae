"""METEOR 1.5: `meteor_1_5.py` has the functions that score."""
