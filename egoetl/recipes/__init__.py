"""Dataset builds: one file a recipe, listed in index.py."""
